//! Which column of a file holds which field.

use super::recipe::{Column, Item, Part, Template, TemplatePlace};
use super::{ColumnMap, Recipe, Target, nearest, normal};
use crate::values::of_claim;
use crate::{Columns, Field};

/// A column of a file.
pub(crate) struct Name {
    /// As a column map knows it.
    pub(crate) name: String,
    /// For messages.
    pub(crate) shown: String,
    pub(crate) target: Option<Target>,
}

impl Name {
    /// A column that is for what its name says.
    pub(crate) fn new(name: &str, map: &ColumnMap) -> Name {
        Name { name: name.to_owned(), shown: name.to_owned(), target: map.target(name) }
    }
}

/// How a row's fields are read.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) id_column: usize,
    /// The columns that hold a claim's fields, and those that hold a line's, each in the file's order.
    pub(crate) claim_columns: Vec<(usize, Field)>,
    pub(crate) line_columns: Vec<(usize, Field)>,
    /// The fields that are made of columns.
    pub(crate) claim_recipes: Vec<Recipe>,
    pub(crate) line_recipes: Vec<Recipe>,
    pub(crate) line_diagnosis: Option<usize>,
    pub(crate) columns: Columns,
    pub(crate) notices: Vec<String>,
}

impl Plan {
    /// The plan for a file with these columns, or all that is wrong with them.
    pub(crate) fn new(names: &[Name], map: &ColumnMap, mut faults: Vec<String>) -> Result<Plan, Vec<String>> {
        let field = |name: &Name| match name.target {
            Some(Target::Field(field)) => Some(field),
            _ => None,
        };
        let given: Vec<Option<Field>> = names.iter().map(field).collect();
        let made: Vec<Recipe> = map
            .made
            .iter()
            .map(|(field, templates)| recipe(*field, templates, names, map))
            .filter(Recipe::can_give)
            .collect();
        missing(names, &given, &made, &mut faults);
        for field in Field::all() {
            let columns: Vec<usize> = (0..given.len()).filter(|&column| given[column] == Some(field)).collect();
            let also_made = made.iter().any(|recipe| recipe.field == field);
            let mut places: Vec<_> =
                columns.iter().map(|&column| format!("column {} (\"{}\")", column + 1, names[column].shown)).collect();
            if also_made {
                places.push("the column map's [fields]".to_owned());
            }
            if places.len() > 1 {
                faults.push(format!("{field} is given by {}: keep one", places.join(" and ")));
            }
        }
        let id_column = given.iter().position(|&field| field == Some(Field::ClaimId));
        let (Some(id_column), true) = (id_column, faults.is_empty()) else { return Err(faults) };
        let mut plan = Plan {
            id_column,
            claim_columns: Vec::new(),
            line_columns: Vec::new(),
            claim_recipes: Vec::new(),
            line_recipes: Vec::new(),
            line_diagnosis: names.iter().position(|name| name.target == Some(Target::LineDiagnosis)),
            columns: Columns::NONE,
            notices: notices(names, &given, map),
        };
        for (column, &field) in given.iter().enumerate() {
            let Some(field) = field else { continue };
            plan.columns = plan.columns.with(field);
            if column == id_column {
                continue;
            }
            let values = map.values.contains_key(&normal(&names[column].name));
            if values || map.dates.is_some() && is_date(field) {
                let template = Template::of_column(&normal(&names[column].name));
                plan.add_recipe(recipe(field, &[template], names, map));
            } else if of_claim(field) {
                plan.claim_columns.push((column, field));
            } else {
                plan.line_columns.push((column, field));
            }
        }
        for recipe in made {
            plan.columns = plan.columns.with(recipe.field);
            plan.add_recipe(recipe);
        }
        Ok(plan)
    }

    fn add_recipe(&mut self, recipe: Recipe) {
        if of_claim(recipe.field) { self.claim_recipes.push(recipe) } else { self.line_recipes.push(recipe) }
    }
}

fn recipe(field: Field, templates: &[Template], names: &[Name], map: &ColumnMap) -> Recipe {
    let item = |template: &Template| {
        let column = |own: &String| {
            let number = names.iter().position(|name| normal(&name.name) == *own)?;
            Some(Column { number, values: map.values.get(own).cloned(), dates: map.dates })
        };
        let part = |place: &TemplatePlace| Part {
            before: place.before.clone().into_bytes(),
            columns: place.columns.iter().filter_map(column).collect(),
            default: place.default.clone().into_bytes(),
        };
        Item { parts: template.places.iter().map(part).collect(), last: template.last.clone().into_bytes() }
    };
    Recipe { field, items: templates.iter().map(item).collect() }
}

fn is_date(field: Field) -> bool {
    matches!(
        field,
        Field::BirthDate
            | Field::StatementFrom
            | Field::StatementTo
            | Field::ReceivedDate
            | Field::ServiceFrom
            | Field::ServiceTo
            | Field::AccidentDate
            | Field::AdmissionDate
    )
}

/// Says which needed columns are missing, and what may have been meant for them.
fn missing(names: &[Name], given: &[Option<Field>], made: &[Recipe], faults: &mut Vec<String>) {
    // An inpatient line has no day of its own: there the statement's days stand for it.
    let needed: [&[Field]; 4] = [
        &[Field::ClaimId],
        &[Field::Procedure, Field::RevenueCode],
        &[Field::ServiceFrom, Field::StatementFrom],
        &[Field::Diagnosis(1)],
    ];
    for any_of in needed {
        let can_give = |&field: &Field| given.contains(&Some(field)) || made.iter().any(|recipe| recipe.field == field);
        if any_of.iter().any(can_give) {
            continue;
        }
        let wanted: Vec<_> = any_of.iter().map(|field| format!("\"{field}\"")).collect();
        let meant = (0..names.len()).find_map(|column| {
            let name = &names[column];
            let field = nearest(&name.name).filter(|field| name.target.is_none() && any_of.contains(field))?;
            Some(format!("; did you mean column {} (\"{}\")? rename it to {field}, or map it", column + 1, name.shown))
        });
        faults.push(format!("there is no column {}{}", wanted.join(" or "), meant.unwrap_or_default()));
    }
}

fn notices(names: &[Name], given: &[Option<Field>], map: &ColumnMap) -> Vec<String> {
    let mut notices = Vec::new();
    if map.quiet {
        return notices;
    }
    for (column, name) in names.iter().enumerate().filter(|(_, name)| !map.knows(&name.name) && name.target.is_none()) {
        let hint = nearest(&name.name)
            .filter(|&field| !given.contains(&Some(field)))
            .map_or(String::new(), |field| format!("; did you mean \"{field}\"?"));
        notices.push(format!("column {} (\"{}\") is not known and is ignored{hint}", column + 1, name.shown));
    }
    let has = |own: &str| names.iter().any(|name| normal(&name.name) == own);
    for (own, target) in &map.columns {
        if !has(own) {
            let target = match target {
                Target::Field(field) => field.to_string(),
                Target::LineDiagnosis => super::LINE_DIAGNOSIS.to_owned(),
            };
            notices.push(format!("the column map gives \"{own}\" for {target}, but no column has that name"));
        }
    }
    for (field, templates) in &map.made {
        let places = templates.iter().flat_map(|template| &template.places);
        for own in places.flat_map(|place| &place.columns).filter(|own| !has(own)) {
            notices.push(format!("the column map makes {field} of \"{own}\", but no column has that name"));
        }
    }
    notices
}
