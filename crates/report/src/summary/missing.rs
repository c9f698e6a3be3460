//! What evaluations were not possible, why, and what would make them so.

use super::{Summary, parts};
use crate::EditEntry;
use edits::Reason;
use std::collections::{BTreeMap, BTreeSet};

/// Evaluations that were not possible for one reason.
pub(super) struct NotPossible<'a> {
    pub(super) reason: Reason,
    pub(super) evaluations: u64,
    /// The edits' ids, each once.
    pub(super) edits: Vec<&'a str>,
    /// Other tables that the codeset lacks and some of the edits need: without them, the reason's table alone does not
    /// do. Each with these edits.
    pub(super) also: Vec<(&'static str, Vec<&'a str>)>,
}

/// Where a table that a codeset can hold comes from: the publisher and its file, as `codesets build` takes it.
pub(super) fn origin(table: &str) -> Option<&'static str> {
    Some(match table {
        "icd10cm" => "CMS: ICD-10-CM code descriptions in tabular order, each October and April",
        "procedures" => "the AMA's CPT list, for who has the licence, and CMS: HCPCS quarterly update",
        "modifiers" => "CMS: HCPCS quarterly update",
        "pos" => "CMS: place of service code set",
        "revenue" => "a table of your own in the interchange format: the codes are the NUBC's",
        "bill-type" => "a table of types of bill: the codes are the NUBC's",
        "carc" => "X12: claim adjustment reason codes",
        "rarc" => "X12: remittance advice remark codes",
        "taxonomy" => "NUCC: health care provider taxonomy (CSV), each January and July",
        "ptp-hospital" => "CMS: Medicare NCCI PTP edits, hospital, each quarter",
        "ptp-practitioner" => "CMS: Medicare NCCI PTP edits, practitioner, each quarter",
        "add-on" => "CMS: Medicare NCCI add-on code edits",
        "modifier-conflict" => "CMS: Integrated Outpatient Code Editor, as in the default image",
        "icd10cm-successor" => "CMS: ICD-10-CM addenda, each October and April",
        "icd10cm-side" => "made of the titles of CMS's ICD-10-CM code descriptions",
        "mue-practitioner" => "CMS: Medicare NCCI MUE table, practitioner services, each quarter",
        "mue-hospital" => "CMS: Medicare NCCI MUE table, facility outpatient hospital services, each quarter",
        "mue-dme" => "CMS: Medicare NCCI MUE table, DME supplier services, each quarter",
        "fee-schedule" => "CMS: Physician Fee Schedule relative value file (RVU), each quarter",
        "hcpcs-facts" => "CMS: HCPCS quarterly update",
        "lab-tests" => "CMS: Clinical Laboratory Fee Schedule, each quarter",
        "unlisted-codes" => "CMS: HCPCS codes not otherwise classified, with the HCPCS quarterly update",
        "icd10cm-notes" => "CMS: ICD-10-CM tabular list (XML), each October and April",
        "coverage" => "CMS: Medicare Coverage Database, current articles",
        _ => return None,
    })
}

/// How a codeset comes to have more tables: commands, and what each does.
pub(super) const HOW_TO_LOAD: [(&str, &str); 3] = [
    ("cleanclaim codesets update -o mine.codeset", "downloads the quarter's files from most publishers"),
    ("cleanclaim codesets build --default FILES -o mine.codeset", "takes the publishers' files that you have"),
    ("cleanclaim scrub --codeset mine.codeset …", "then uses them"),
];

impl Summary {
    /// Why evaluations were not possible, over all edits, the most frequent reason first.
    pub(super) fn not_possible<'a>(&self, edits: &'a [EditEntry]) -> Vec<NotPossible<'a>> {
        let mut all: BTreeMap<Reason, (u64, Vec<&'a EditEntry>)> = BTreeMap::new();
        for (edit, counts) in edits.iter().zip(&self.counts) {
            for &(reason, count) in counts.not_evaluated.iter().filter(|(_, count)| *count > 0) {
                let (sum, own) = all.entry(reason).or_default();
                *sum += count;
                own.push(edit);
            }
        }
        let mut all: Vec<NotPossible<'a>> = all
            .into_iter()
            .map(|(reason, (evaluations, entries))| {
                let also = self.also_missing(reason, &entries);
                let mut edits: Vec<&str> = entries.iter().map(|edit| edit.info().id.as_ref()).collect();
                // An edit that a policy changes stands once more for it.
                edits.dedup();
                NotPossible { reason, evaluations, edits, also }
            })
            .collect();
        // Stable: reasons of equal weight stay in their own order.
        all.sort_by_key(|own| std::cmp::Reverse(own.evaluations));
        all
    }

    /// What else these edits lack, where they lack a table: the first that they miss is what they answer with.
    fn also_missing<'a>(&self, reason: Reason, entries: &[&'a EditEntry]) -> Vec<(&'static str, Vec<&'a str>)> {
        let Reason::TableNotLoaded(first) = reason else { return Vec::new() };
        let mut also: BTreeMap<&'static str, BTreeSet<&'a str>> = BTreeMap::new();
        for edit in entries {
            for table in edit.info().tables.iter().map(|table| table.name()).filter(|&table| table != first) {
                if self.tables.iter().any(|own| own.name == table && own.covers.is_none()) {
                    also.entry(table).or_default().insert(edit.info().id.as_ref());
                }
            }
        }
        also.into_iter().map(|(table, edits)| (table, edits.into_iter().collect())).collect()
    }

    /// What would make evaluations possible that this reason prevents.
    pub(super) fn remedy(&self, own: &NotPossible<'_>) -> String {
        match own.reason {
            Reason::TableNotLoaded(table) => {
                let from = origin(table).map_or(String::new(), |origin| format!(" ({origin})"));
                let also =
                    own.also.iter().map(|(table, edits)| format!("; {} would need table {table} too", edits.join(" ")));
                let number = crate::number::Grouped(own.evaluations.into());
                format!("a codeset with it{from} would evaluate up to {number} more{}", also.collect::<String>())
            }
            Reason::DateOutsideReleases(table) => {
                let days = self.tables.iter().find(|own| own.name == table).and_then(|own| own.covers.as_deref());
                let days = parts::periods(days.unwrap_or_default());
                format!(
                    "table {table} answers for {days}; a codeset with releases for the other days would evaluate them"
                )
            }
            Reason::FieldAbsent(field) => format!("giving {field} would evaluate them"),
            Reason::CodeNotValid(_) => "the edits that judge the codes say which to mend first".to_owned(),
            Reason::CodeNotListed(_) => "the table says nothing of these codes".to_owned(),
            Reason::NotOnClaim(_) => "nothing on a claim would tell".to_owned(),
            Reason::NotComputable(_) => "the policy's author can ask for it with has(…) or size(…) first".to_owned(),
            Reason::InternalError => "report it; edit SYS001 says on which claims".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codeset::{Codeset, ImageBuilder};

    #[test]
    fn every_table_that_a_codeset_can_hold_has_an_origin() -> Result<(), Box<dyn std::error::Error>> {
        let summary = Summary::new(&Codeset::from_bytes(&ImageBuilder::new().finish()?)?, 0);
        assert!(summary.tables.len() > 20);
        for table in &summary.tables {
            assert!(origin(table.name).is_some(), "{}", table.name);
        }
        Ok(())
    }
}
