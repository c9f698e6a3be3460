//! Which codes are common: those that offices and outpatient departments bill most come first, then codes with
//! nothing particular about them, then all others; in an order that depends on the codeset alone.

use crate::draw::mix;
use crate::tables::Tables;
use codes::{Code, CodeKind};
use codeset::flags::{diagnosis, procedure};
use codeset::{Ordinal, Row, System, SystemId, is_unlisted_service};

/// What offices bill most, about in order.
const OFFICE: &str = "99213 99214 36415 80053 93000 85025 99204 83036 80061 84443 99203 97110 97140 90471 J3301 \
    20610 96372 71046 99232 81003 99215 99212 G0439 99223 82306 87880 69210 17110 90834 90837 99396 99395 77067 \
    97530 99233 11721 92014 90686 J1885 87804 73630 73030 99231 82962 93306 95117 98941 76830 99284 92012 J0696 \
    85610 97112 J1100 99283 81001 88305 99238 73562 84439 82607 87086 72100 94010 99443 96127 G0008 11102 82570";

/// What outpatient departments bill most, about in order.
const OUTPATIENT: &str = "G0463 80053 85025 36415 99283 99284 71046 93005 J1885 96374 J2405 99285 80048 84484 \
    96361 97110 81001 83690 J7030 87086 70450 77067 74177 85610 J3010 84443 80061 83036 97140 J2250 96372 73630 \
    93306 88305 43239 45385 99282 J0696 Q9967 96375 82962 83735 85730 97530 76705 J1100 J2270 82150 87070 73030 \
    83605 72125 96360 45380 87040 51798 J1170 76830 93017 J3490 66984 64483 J7120 82550 99152 97162 92507 J0690";

/// What both write most, about in order. Those that ended stay for the years in which they were valid.
const DIAGNOSES: &str = "I10 E119 E785 Z0000 M5450 M545 J069 F411 E039 K219 Z23 N390 R079 M25561 F329 F32A Z1231 \
    J449 E1165 R05 R059 M542 I2510 Z7982 J029 G4733 E669 I4891 M25511 R109 Z794 J45909 R51 R519 E1122 N183 N1830 \
    E559 Z87891 Z79899 H2513 M25562 D649 K5900 F419 M1711 I509 R0602 Z8679 J209 L570 M1712 R5383 Z6830 B351 G8929 \
    M79672 H6123 N186 R112 K2970 E782 J0190 Z0001 S39012A M5416 M25512 J309 R079 H5213 I480 L821 Z1211 F3181 R739";

/// Billable procedures, the most common first.
pub(crate) fn procedures(tables: &Tables<'_>, institutional: bool) -> Vec<Ordinal> {
    let unlike = procedure::NOT_RECOGNIZED_MEDICARE
        | procedure::NON_COVERED
        | procedure::NON_REPORTABLE_SITE
        | procedure::STATUTORY_EXCLUSION
        | procedure::DME_ONLY
        | procedure::NON_BILLABLE_MAC
        | procedure::INFORMATION_ONLY
        | procedure::QUESTIONABLE
        | if institutional { procedure::NOT_RECOGNIZED_OPPS } else { 0 };
    ranked(tables.procedures, tables, if institutional { OUTPATIENT } else { OFFICE }, |code, ordinal, row| {
        let of_every_day = matches!(code.procedure_kind(), Some(CodeKind::CptCategory1))
            || matches!(code.at(0), b'J' | b'G' | b'Q') && code.at(4).is_ascii_digit();
        of_every_day
            && row.flags & unlike == 0
            && !row.limits_age()
            // Inpatient only.
            && !(institutional && row.status() == "C")
            && tables.add_on_type(ordinal, tables.last_day).is_none()
    })
}

/// Billable diagnoses, the most common first. Manifestation codes are not among them: they need their cause before
/// them.
pub(crate) fn diagnoses(tables: &Tables<'_>) -> Vec<Ordinal> {
    let mut codes = ranked(tables.diagnoses, tables, DIAGNOSES, |code, _, row| {
        // Injuries are half of all codes, and the seventh character of most says how often the patient came.
        row.flags == 0 && matches!(code.at(0), b'A'..=b'N' | b'R' | b'Z') && code.len() < 7
    });
    codes.retain(|&ordinal| !tables.diagnoses.rows(ordinal).iter().any(|row| row.has(diagnosis::MANIFESTATION)));
    codes
}

/// Whether a procedure is given at home alone, or billed to the contractor for durable medical equipment alone: on
/// other claims such codes are errors.
fn is_of_one_place(code: Code, row: &Row) -> bool {
    let home_visit = || (b"99341".as_slice()..=b"99350").contains(&code.to_string().as_bytes());
    row.has(procedure::DME_ONLY) || home_visit()
}

/// Whether a procedure stands for what has no code of its own: without a note, which no generated line has, it is an
/// error.
fn needs_note(code: Code, row: &Row) -> bool {
    row.has(procedure::UNCLASSIFIED_DRUG) || is_unlisted_service(code)
}

/// Whether a line of the procedure would be an error by what generated lines lack.
pub(crate) fn errs_by_itself(code: Code, row: &Row) -> bool {
    is_of_one_place(code, row) || needs_note(code, row)
}

/// All codes that may be reported on some day that the tables answer for: those of `heads` in that order, those
/// that are `usual` through all the days, and the rest.
fn ranked(
    system: &System,
    tables: &Tables<'_>,
    heads: &str,
    usual: impl Fn(Code, Ordinal, &Row) -> bool,
) -> Vec<Ordinal> {
    let heads: Vec<Code> = heads.split_whitespace().filter_map(|text| Code::parse(text.as_bytes())).collect();
    let mut ranks = Vec::new();
    for (ordinal, code) in system.iter() {
        let rows = system.rows(ordinal);
        let valid = |row: &Row| {
            row.is_billable()
                && !(system.id() == SystemId::Procedure && errs_by_itself(code, row))
                && row.days().from <= tables.last_day
                && row.days().to.is_none_or(|to| to >= tables.first_day)
        };
        if !rows.iter().any(valid) {
            continue;
        }
        let tier = match (heads.iter().position(|&head| head == code), system.row_on(ordinal, tables.last_day)) {
            (Some(place), _) => place,
            (None, Some(row)) if row.is_billable() && usual(code, ordinal, row) => heads.len(),
            _ => heads.len() + 1,
        };
        // A shuffle that every seed shares: which codes are common is a property of the codeset.
        ranks.push((tier, mix(code.to_bits()), ordinal));
    }
    ranks.sort_unstable();
    ranks.into_iter().map(|(.., ordinal)| ordinal).collect()
}
