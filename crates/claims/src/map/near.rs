//! Names that are none, and the fields they were probably meant for.

use crate::Field;

/// Names that other systems give to the fields, letters and digits alone.
const OTHER_NAMES: &[(&str, Field)] = &[
    ("claim", Field::ClaimId),
    ("claimno", Field::ClaimId),
    ("claimnumber", Field::ClaimId),
    ("claimcontrolnumber", Field::ClaimId),
    ("clmid", Field::ClaimId),
    ("clmno", Field::ClaimId),
    ("icn", Field::ClaimId),
    ("cpt", Field::Procedure),
    ("cptcode", Field::Procedure),
    ("cpthcpcs", Field::Procedure),
    ("hcpcs", Field::Procedure),
    ("hcpcscd", Field::Procedure),
    ("hcpcscode", Field::Procedure),
    ("proc", Field::Procedure),
    ("proccode", Field::Procedure),
    ("procedurecode", Field::Procedure),
    ("rev", Field::RevenueCode),
    ("revcode", Field::RevenueCode),
    ("revenue", Field::RevenueCode),
    ("revcntr", Field::RevenueCode),
    ("dos", Field::ServiceFrom),
    ("dosfrom", Field::ServiceFrom),
    ("dateofservice", Field::ServiceFrom),
    ("fromdate", Field::ServiceFrom),
    ("servicedate", Field::ServiceFrom),
    ("servicefromdate", Field::ServiceFrom),
    ("dosto", Field::ServiceTo),
    ("todate", Field::ServiceTo),
    ("thrudate", Field::ServiceTo),
    ("servicetodate", Field::ServiceTo),
    ("diag1", Field::Diagnosis(1)),
    ("diagnosis", Field::Diagnosis(1)),
    ("diagnosis1", Field::Diagnosis(1)),
    ("diagnosiscode1", Field::Diagnosis(1)),
    ("dx", Field::Diagnosis(1)),
    ("icd", Field::Diagnosis(1)),
    ("icd1", Field::Diagnosis(1)),
    ("icd10", Field::Diagnosis(1)),
    ("icddgnscd1", Field::Diagnosis(1)),
    ("principaldx", Field::Diagnosis(1)),
    ("principaldiagnosis", Field::Diagnosis(1)),
    ("pos", Field::PlaceOfService),
    ("npi", Field::BillingNpi),
    ("dob", Field::BirthDate),
    ("dateofbirth", Field::BirthDate),
    ("gender", Field::Sex),
    ("mod", Field::Modifier(1)),
    ("mod1", Field::Modifier(1)),
    ("mod2", Field::Modifier(2)),
    ("mod3", Field::Modifier(3)),
    ("mod4", Field::Modifier(4)),
    ("qty", Field::Units),
    ("quantity", Field::Units),
    ("amount", Field::Charge),
    ("chargeamount", Field::Charge),
    ("linecharge", Field::Charge),
    ("totalcharge", Field::ClaimTotal),
    ("tob", Field::BillType),
    ("typeofbill", Field::BillType),
];

/// The field that a name which is none was probably meant for.
pub(crate) fn nearest(name: &str) -> Option<Field> {
    let bare = bare(name);
    if bare.is_empty() {
        return None;
    }
    if let Some(&(_, field)) = OTHER_NAMES.iter().find(|(other, _)| *other == bare) {
        return Some(field);
    }
    // One slip in four letters; never between names that differ in their number alone.
    let most = bare.len() / 4;
    Field::all()
        .map(|field| (distance(&bare, &self::bare(&field.to_string())), field))
        .filter(|&(distance, field)| {
            distance == 0 || distance <= most.min(2) && digits(&bare) == digits(&field.to_string())
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, field)| field)
}

fn bare(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn digits(name: &str) -> String {
    name.chars().filter(char::is_ascii_digit).collect()
}

/// Levenshtein's distance, of short ASCII names.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let cost = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_found() {
        for (name, field) in [
            ("Claim ID", Some(Field::ClaimId)),
            ("claimid", Some(Field::ClaimId)),
            ("procedur", Some(Field::Procedure)),
            ("DX1", Some(Field::Diagnosis(1))),
            ("dx-12", Some(Field::Diagnosis(12))),
            ("modifer_2", Some(Field::Modifier(2))),
            ("modifier_5", None),
            ("service_form", Some(Field::ServiceFrom)),
            ("CPT", Some(Field::Procedure)),
            ("colour", None),
            ("dx_26", None),
            ("", None),
        ] {
            assert_eq!(nearest(name), field, "{name}");
        }
    }
}
