//! Generated claims against the default tables: the same for the same seed, clean where no error is planted, and
//! erroneous as listed where one is.
//!
//! The checks here are plain and slow on purpose: they read the CSV and the tables, and share no code with the
//! generator.

use cleanclaim_generate::{GenerateError, Generator, Made, Plan, plantable};
use codes::{Code, Date, Npi};
use codeset::flags::diagnosis;
use codeset::{Codeset, ImageBuilder, Ordinal, RelationId, Release, Row, System, SystemBuilder, SystemId};
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::sync::OnceLock;

type Outcome = Result<(), Box<dyn Error>>;

fn codeset() -> Result<&'static Codeset, Box<dyn Error>> {
    static CODESET: OnceLock<Result<Codeset, String>> = OnceLock::new();
    let build = || -> Result<Codeset, Box<dyn Error>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codesets");
        Ok(Codeset::from_bytes(&compile::Sources::open(folder)?.compile()?.image)?)
    };
    let built = CODESET.get_or_init(|| build().map_err(|error| error.to_string()));
    built.as_ref().map_err(|error| error.clone().into())
}

fn generate(plan: Plan) -> Result<(Made, String, String), Box<dyn Error>> {
    let (mut claims, mut planted) = (Vec::new(), Vec::new());
    let made = Generator::new(codeset()?, plan)?.write_csv(&mut claims, Some(&mut planted))?;
    Ok((made, String::from_utf8(claims)?, String::from_utf8(planted)?))
}

/// A row of a CSV without quotes.
type Fields<'t> = BTreeMap<&'t str, &'t str>;

fn rows(text: &str) -> Vec<Fields<'_>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    lines
        .map(|line| {
            assert_eq!(line.split(',').count(), names.len(), "a row has as many fields as the header");
            names.iter().copied().zip(line.split(',')).collect()
        })
        .collect()
}

/// The rows of each claim, in their order.
fn claims(text: &str) -> Vec<Vec<Fields<'_>>> {
    let mut all: Vec<Vec<Fields<'_>>> = Vec::new();
    for row in rows(text) {
        match all.last_mut() {
            Some(claim) if claim[0]["claim_id"] == row["claim_id"] => claim.push(row),
            _ => all.push(vec![row]),
        }
    }
    all
}

#[test]
fn the_same_plan_gives_the_same_bytes_and_another_seed_others() -> Outcome {
    let plan = |seed| Plan { lines: 5_000, seed, error_rate: 0.3, ..Plan::default() };
    let (first, again, other) = (generate(plan(5))?, generate(plan(5))?, generate(plan(6))?);
    assert_eq!(first, again);
    assert_ne!(first.1, other.1);
    assert!((5_000..5_013).contains(&first.0.lines), "{:?}", first.0);
    assert_eq!(first.1.lines().count() as u64, first.0.lines + 1);
    assert_eq!(claims(&first.1).len() as u64, first.0.claims);
    Ok(())
}

#[test]
fn claims_without_an_error_have_none() -> Outcome {
    for uniform in [false, true] {
        let (made, text, planted) =
            generate(Plan { lines: 20_000, seed: 11, error_rate: 0.0, uniform, ..Plan::default() })?;
        assert_eq!(made.erroneous, 0);
        let released: BTreeSet<(&str, &str)> = rows(&planted)
            .iter()
            .inspect(|row| assert_eq!((row["edit"], row["outcome"]), ("PTP002", "bypassed")))
            .map(|row| (row["claim_id"], row["line_number"]))
            .collect();
        assert!(released.len() > 5);
        let mut ids = BTreeSet::new();
        let mut institutional = 0;
        for claim in claims(&text) {
            assert!(ids.insert(claim[0]["claim_id"].to_owned()), "rows of a claim stand together");
            institutional += usize::from(claim[0]["claim_type"] == "I");
            Check { codeset: codeset()?, released: &released }
                .claim(&claim)
                .map_err(|what| format!("{what}: {claim:?}"))?;
        }
        assert!((ids.len() / 5..ids.len() / 3).contains(&institutional));
    }
    Ok(())
}

/// What is wrong, if anything.
type Verdict = Result<(), String>;

fn demand(right: bool, what: impl Into<String>) -> Verdict {
    if right { Ok(()) } else { Err(what.into()) }
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text.as_bytes()).ok_or_else(|| format!("no date {text:?}"))
}

fn cents(text: &str) -> Result<i64, String> {
    text.replace('.', "").parse().map_err(|_| format!("no amount {text:?}"))
}

fn column(row: &Fields<'_>, prefix: &str) -> Vec<String> {
    let numbered = (1..=12).filter_map(|number| row.get(format!("{prefix}_{number}").as_str()));
    numbered.filter(|text| !text.is_empty()).map(|text| (*text).to_owned()).collect()
}

struct Check<'c> {
    codeset: &'c Codeset,
    released: &'c BTreeSet<(&'c str, &'c str)>,
}

impl Check<'_> {
    fn valid(&self, system: SystemId, text: &str, on: Date) -> Result<(Ordinal, &Row), String> {
        let table: &System = self.codeset.system(system).ok_or("no table")?;
        let code = Code::parse(text.as_bytes()).ok_or_else(|| format!("no code {text:?}"))?;
        let ordinal = table.ordinal(code).ok_or_else(|| format!("{} has no {text}", system.name()))?;
        let row = table.row_on(ordinal, on).filter(|row| row.is_billable());
        row.map(|row| (ordinal, row)).ok_or_else(|| format!("{text} is not valid on {on}"))
    }

    fn claim(&self, rows: &[Fields<'_>]) -> Verdict {
        let claim = &rows[0];
        let institutional = claim["claim_type"] == "I";
        for (row, number) in rows.iter().zip(1..) {
            demand(row["line_number"] == number.to_string(), "line number")?;
            for name in
                ["patient_id", "birth_date", "sex", "billing_npi", "claim_total", "received_date", "dx_1", "state"]
            {
                demand(row[name] == claim[name] && !row[name].is_empty(), name)?;
            }
        }
        demand(Npi::parse(claim["billing_npi"].as_bytes()).is_some(), "billing NPI")?;
        let sum: i64 = rows.iter().map(|row| cents(row["charge"])).sum::<Result<i64, String>>()?;
        demand(sum == cents(claim["claim_total"])?, "total")?;
        let days: Vec<Date> = rows.iter().map(|row| day(row["service_from"])).collect::<Result<_, _>>()?;
        let (birth, received) = (day(claim["birth_date"])?, day(claim["received_date"])?);
        demand(days.iter().all(|&on| birth <= on && on < received), "dates")?;
        if institutional {
            let (from, to) = (day(claim["statement_from"])?, day(claim["statement_to"])?);
            demand(days.iter().all(|&on| from <= on && on <= to), "statement")?;
            demand(claim["bill_type"].len() == 4 && claim["patient_status"] == "01", "bill")?;
            self.diagnoses(claim, &[from], 1)?;
        } else {
            self.pointers(rows)?;
            let firsts = rows.iter().filter_map(|row| row["dx_pointers"].split(':').next()?.parse().ok()).max();
            self.diagnoses(claim, &days, firsts.unwrap_or(0))?;
        }
        for (row, &on) in rows.iter().zip(&days) {
            self.line(row, on, institutional, birth)?;
        }
        self.together(rows, &days)
    }

    /// Every diagnosis is right on the days; none of the first `firsts` is barred from the first place.
    fn diagnoses(&self, claim: &Fields<'_>, days: &[Date], firsts: usize) -> Verdict {
        let codes = column(claim, "dx");
        demand(!codes.is_empty() && codes.len() == codes.iter().collect::<BTreeSet<_>>().len(), "diagnoses repeat")?;
        let birth = day(claim["birth_date"])?;
        for (code, place) in codes.iter().zip(0..) {
            for &on in days {
                let (_, row) = self.valid(SystemId::Diagnosis, code, on)?;
                let age = on.age(birth).ok_or("born later")?;
                let maternity = if on < day("20191001")? { 12..=55 } else { 9..=64 };
                let fits = (!row.has(diagnosis::NEWBORN) || age == 0)
                    && (!row.has(diagnosis::PEDIATRIC) || age <= 17)
                    && (!row.has(diagnosis::ADULT) || age >= 15)
                    && (!row.has(diagnosis::MATERNITY) || maternity.contains(&age))
                    && u32::from(row.age_low) <= age
                    && age <= u32::from(row.age_high);
                demand(fits, format!("{code} at {age}"))?;
                let other = if claim["sex"] == "M" { diagnosis::FEMALE } else { diagnosis::MALE };
                demand(!row.has(other), format!("{code} of the other sex"))?;
                let barred = diagnosis::MANIFESTATION
                    | diagnosis::EXTERNAL_CAUSE
                    | diagnosis::UNACCEPTABLE_PRINCIPAL
                    | diagnosis::OUTPATIENT_UNACCEPTABLE;
                let may_be_first = row.flags & barred == 0 && !code.starts_with(['V', 'W', 'X', 'Y']);
                demand(place >= firsts || may_be_first, format!("{code} first"))?;
            }
        }
        Ok(())
    }

    /// Pointers lead to diagnoses, and to every one.
    fn pointers(&self, rows: &[Fields<'_>]) -> Verdict {
        let count = column(&rows[0], "dx").len();
        let mut pointed = BTreeSet::new();
        for row in rows {
            let numbers: Vec<usize> = row["dx_pointers"].split(':').filter_map(|number| number.parse().ok()).collect();
            let all: BTreeSet<usize> = numbers.iter().copied().collect();
            demand((1..=4).contains(&numbers.len()) && all.len() == numbers.len(), "pointers")?;
            demand(all.iter().all(|number| (1..=count).contains(number)), "pointer beyond")?;
            pointed.extend(all);
        }
        demand(pointed.len() == count, "unreferenced diagnosis")
    }

    fn line(&self, row: &Fields<'_>, on: Date, institutional: bool, birth: Date) -> Verdict {
        if institutional {
            self.valid(SystemId::Revenue, row["revenue_code"], on)?;
        } else {
            self.valid(SystemId::PlaceOfService, row["place_of_service"], on)?;
            demand(Npi::parse(row["rendering_npi"].as_bytes()).is_some(), "rendering NPI")?;
            demand(!row["procedure"].is_empty(), "procedure")?;
        }
        demand(row["units"].parse().is_ok_and(|units: u32| units > 0), "units")?;
        if !row["procedure"].is_empty() {
            let (_, procedure) = self.valid(SystemId::Procedure, row["procedure"], on)?;
            let age = on.age(birth).ok_or("born later")?;
            let ages = u32::from(procedure.age_low)..=u32::from(procedure.age_high);
            demand(ages.contains(&age), format!("{} at {age}", row["procedure"]))?;
        }
        let modifiers = column(row, "modifier");
        for modifier in &modifiers {
            self.valid(SystemId::Modifier, modifier, on)?;
        }
        let has = |text: &str| modifiers.iter().any(|modifier| modifier == text);
        demand(modifiers.len() == modifiers.iter().collect::<BTreeSet<_>>().len(), "modifiers repeat")?;
        demand(!(has("26") && has("TC")) && !(has("50") && (has("RT") || has("LT"))), "modifiers conflict")
    }

    /// No code twice on a day, no pair, no add-on code by itself.
    fn together(&self, rows: &[Fields<'_>], days: &[Date]) -> Verdict {
        let relation = |id| self.codeset.relation(id).ok_or("no relation");
        let (ptp, add_on) = (relation(RelationId::PtpHospital)?, relation(RelationId::AddOn)?);
        let mut lines = Vec::new();
        for (row, &on) in rows.iter().zip(days).filter(|(row, _)| !row["procedure"].is_empty()) {
            lines.push((row, on, self.valid(SystemId::Procedure, row["procedure"], on)?.0));
        }
        let kind =
            |procedure, on| add_on.links(procedure).find(|link| link.class.holds_on(on)).map(|link| link.class.value);
        for &(row, on, procedure) in &lines {
            let others: Vec<Ordinal> =
                lines.iter().filter(|line| line.1 == on && line.0 != row).map(|line| line.2).collect();
            demand(!others.contains(&procedure), format!("{} twice", row["procedure"]))?;
            let paired = others.iter().any(|&other| ptp.on(other, procedure, on).is_some());
            let released = self.released.contains(&(row["claim_id"], row["line_number"]));
            demand(paired == released, format!("{} paired: {paired}, released: {released}", row["procedure"]))?;
            let mut primaries = others.iter().filter(|&&other| kind(other, on).is_none());
            let stands = match kind(procedure, on) {
                None => true,
                Some(2) => primaries.next().is_some(),
                Some(_) => primaries.any(|&other| add_on.on(procedure, other, on).is_some()),
            };
            demand(stands, format!("{} without its primary", row["procedure"]))?;
        }
        Ok(())
    }
}

#[test]
fn every_kind_of_error_is_planted_one_to_a_claim() -> Outcome {
    let (made, text, planted) = generate(Plan { lines: 30_000, seed: 3, error_rate: 0.5, ..Plan::default() })?;
    let lines: BTreeMap<&str, usize> = claims(&text).iter().map(|claim| (claim[0]["claim_id"], claim.len())).collect();
    let mut of_claim: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    let planted = rows(&planted);
    for row in &planted {
        let one = (row["edit"], row["outcome"]);
        assert_eq!(*of_claim.entry(row["claim_id"]).or_insert(one), one, "one error to a claim");
        let number: usize = if row["line_number"].is_empty() { 1 } else { row["line_number"].parse()? };
        assert!((1..=lines[row["claim_id"]]).contains(&number));
        assert!(claims_field(row["field"]), "{}", row["field"]);
    }
    let found: BTreeSet<&str> =
        of_claim.values().filter(|(_, outcome)| *outcome == "fail").map(|(edit, _)| *edit).collect();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), plantable().collect::<Vec<_>>());
    let failing = of_claim.values().filter(|(_, outcome)| *outcome == "fail").count() as u64;
    assert_eq!(failing, made.erroneous);
    assert!((made.claims * 45 / 100..made.claims * 55 / 100).contains(&made.erroneous), "{made:?}");
    Ok(())
}

fn claims_field(name: &str) -> bool {
    claims::Field::from_name(name).is_some()
}

#[test]
fn only_what_the_plan_asks_for_is_planted() -> Outcome {
    let plant = vec!["DX001".to_owned(), "PTP001".to_owned()];
    let (_, _, planted) = generate(Plan { lines: 3_000, error_rate: 1.0, plant, ..Plan::default() })?;
    let edits: BTreeSet<&str> =
        rows(&planted).iter().filter(|row| row["outcome"] == "fail").map(|row| row["edit"]).collect();
    assert_eq!(edits.into_iter().collect::<Vec<_>>(), ["DX001", "PTP001"]);
    Ok(())
}

#[test]
fn plans_and_codesets_that_cannot_be_followed_are_refused() -> Outcome {
    let refused = |plan: Plan| -> Result<String, Box<dyn Error>> {
        Ok(Generator::new(codeset()?, plan).err().map(|error| error.to_string()).unwrap_or_default())
    };
    let text = refused(Plan { error_rate: 1.5, ..Plan::default() })?;
    assert_eq!(text, "error_rate is a share from 0 to 1, not 1.5");
    assert!(refused(Plan { institutional_share: f64::NAN, ..Plan::default() })?.contains("institutional_share"));
    let text = refused(Plan { plant: vec!["DX999".to_owned()], ..Plan::default() })?;
    assert!(text.contains("\"DX999\"") && text.contains("PTP001, PTP002"), "{text}");
    let empty = Codeset::from_bytes(&ImageBuilder::new().finish()?)?;
    let error = Generator::new(&empty, Plan::default()).err();
    assert!(matches!(error, Some(GenerateError::MissingSystem { system: "icd10cm" })), "{error:?}");
    Ok(())
}

/// One code in every system, from 2025 on.
fn tiny(diagnosis: &str) -> Result<Codeset, Box<dyn Error>> {
    let from = day("20250101")?;
    let codes = [
        (SystemId::Diagnosis, diagnosis),
        (SystemId::Procedure, "99213"),
        (SystemId::Modifier, "25"),
        (SystemId::PlaceOfService, "11"),
        (SystemId::Revenue, "0510"),
    ];
    let mut image = ImageBuilder::new();
    for (id, code) in codes {
        image.release(Release::new(id.name(), id.name(), from, None));
        let mut system = SystemBuilder::new(id);
        system.add(Code::parse(code.as_bytes()).ok_or("no code")?, Row::new(from, None, 0), None);
        image.system(system)?;
    }
    Ok(Codeset::from_bytes(&image.finish()?)?)
}

#[test]
fn a_codeset_of_one_code_each_makes_claims_of_one_line_and_fewer_kinds_of_error() -> Outcome {
    let codeset = tiny("I10")?;
    let generator = Generator::new(&codeset, Plan { lines: 400, error_rate: 0.5, ..Plan::default() })?;
    let edits: Vec<&str> = generator.planted_edits().collect();
    assert!(edits.contains(&"DX001") && !edits.contains(&"DX020") && !edits.contains(&"PTP001"), "{edits:?}");
    let mut text = Vec::new();
    assert_eq!(generator.write_csv(&mut text, None)?.lines, 400);
    let text = String::from_utf8(text)?;
    // No table ends, so the claims are of the year in which the tables begin. Some dates are errors.
    let days: Vec<Date> = rows(&text).iter().filter_map(|row| day(row["service_from"]).ok()).collect();
    assert!(days.len() > 380 && days.iter().all(|&on| on >= Date::from_days(20_089) && on < Date::from_days(20_454)));
    let plant = vec!["PTP001".to_owned()];
    let error = Generator::new(&codeset, Plan { plant, ..Plan::default() }).err();
    assert!(matches!(error, Some(GenerateError::NothingToPlant { edit: "PTP001", .. })), "{error:?}");
    Ok(())
}

#[test]
fn a_codeset_of_which_no_claim_can_be_made_is_refused() -> Outcome {
    // An external cause may not be first, and there is nothing else.
    let codeset = tiny("W010XXA")?;
    let made = Generator::new(&codeset, Plan::default())?.write_csv(&mut Vec::new(), None);
    assert!(matches!(made, Err(GenerateError::NoCleanClaim { .. })), "{made:?}");
    Ok(())
}

#[test]
fn an_output_that_fails_ends_the_run_with_its_error() -> Outcome {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = Generator::new(codeset()?, Plan::default())?.write_csv(&mut Full, None).err();
    assert!(matches!(error, Some(GenerateError::Write(_))), "{error:?}");
    Ok(())
}
