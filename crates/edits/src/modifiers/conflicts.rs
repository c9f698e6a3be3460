//! Pairs of modifiers that no table lists, but that contradict each other on one line.

use codes::{Date, Modifier};

/// Two modifiers that may not share a line, and who says so.
#[derive(Debug)]
pub(super) struct Conflict {
    pair: [Modifier; 2],
    /// The first day of service on which the pair is one; `None` where both are older than any loaded release.
    from: Option<Date>,
    /// Why the two contradict each other.
    pub(super) why: &'static str,
    /// Where that is written.
    pub(super) source: &'static str,
    /// What to do, as a sentence without its full stop.
    pub(super) remedy: &'static str,
}

/// The conflict of the two modifiers, in either order, on the day.
pub(super) fn of(one: Modifier, other: Modifier, day: Option<Date>) -> Option<&'static Conflict> {
    CONFLICTS
        .iter()
        .find(|conflict| conflict.pair == [one, other] || conflict.pair == [other, one])
        .filter(|conflict| conflict.from.is_none_or(|from| day.is_some_and(|day| from <= day)))
}

/// CMS created XE, XP, XS and XU for services from 2015-01-01 (CR 8863).
const X_MODIFIERS_FROM: Option<Date> = Some(Date::from_days(16_436));

/// GX was created for services from 2010-04-01 (CR 6563).
const VOLUNTARY_NOTICE_FROM: Option<Date> = Some(Date::from_days(14_700));

const fn pair(one: &[u8; 2], other: &[u8; 2]) -> [Modifier; 2] {
    [Modifier::new(one), Modifier::new(other)]
}

/// MPFS PC/TC indicator 1: with 26 the relative values are those of the physician's work, with TC those of the
/// equipment and staff, and without either both.
const fn components() -> Conflict {
    Conflict {
        pair: pair(b"26", b"TC"),
        from: None,
        why: "26 bills the professional component alone and TC the technical component alone",
        source: "MPFS PC/TC indicator, Medicare Claims Processing Manual chapter 23 addendum",
        remedy: "Bill the code without either if the provider furnished both components, else with the one that was",
    }
}

/// RT and LT are for one side; where 50 applies they are not used.
const fn both_sides(side: &[u8; 2]) -> Conflict {
    Conflict {
        pair: pair(b"50", side),
        from: None,
        why: "50 says that the service was given on both sides, and RT or LT that it was given on one",
        source: "Medicare Claims Processing Manual chapter 4 §20.6.2",
        remedy: "Bill 50 alone for both sides, RT or LT alone for one",
    }
}

/// The X modifiers are more selective versions of 59, so that both on one line would be incorrect.
const fn distinct(x: &[u8; 2]) -> Conflict {
    Conflict {
        pair: pair(b"59", x),
        from: X_MODIFIERS_FROM,
        why: "XE, XP, XS and XU are narrower kinds of 59, reported in its place",
        source: "CR 8863, MLN Matters MM8863",
        remedy: "Keep the X modifier if it fits, else 59 alone",
    }
}

/// CR 8863 defines them as separate subsets of 59; any one of them does all that 59 does for an NCCI pair.
const fn two_reasons(one: &[u8; 2], other: &[u8; 2]) -> Conflict {
    Conflict {
        pair: pair(one, other),
        from: X_MODIFIERS_FROM,
        why: "each of XE, XP, XS and XU names the one reason for which the service is distinct, in the place of 59",
        source: "CR 8863, MLN Matters MM8863",
        remedy: "Keep the one that describes why the service is distinct",
    }
}

/// "Treat the item or service as having an invalid modifier and therefore unprocessable."
const fn liability(one: &[u8; 2], other: &[u8; 2], why: &'static str) -> Conflict {
    Conflict {
        pair: pair(one, other),
        from: None,
        why,
        source: "Medicare Claims Processing Manual chapter 23 §20.9.1.1",
        remedy: "Keep the one that is true of the notice that the patient was given",
    }
}

/// "The KX modifier shall not be added to any line of service that is not a medically necessary service"
/// (therapy); "must not be appended on the same line as the GA, GY, or GZ modifier" (durable medical equipment).
const fn requirements_met(other: &[u8; 2]) -> Conflict {
    Conflict {
        pair: pair(b"KX", other),
        from: None,
        why: "KX attests that the policy's requirements are met, and GA, GY and GZ that a denial is expected",
        source: "Medicare Claims Processing Manual chapter 5 §10.3; DME MAC policy articles, modifier sections",
        remedy: "Keep KX if the requirements are met, else the G modifier alone",
    }
}

/// Medicare returns a bill with GX and one of these on the same line.
const fn voluntary_notice(other: &[u8; 2]) -> Conflict {
    Conflict {
        pair: pair(b"GX", other),
        from: VOLUNTARY_NOTICE_FROM,
        why: "GX says that a voluntary notice was given of what Medicare never covers, and EY, GA, GL and GZ speak of \
              what it covers under conditions",
        source: "CR 6563, MLN Matters MM6563",
        remedy: "Keep GX, with GY if the service is excluded, or the other alone",
    }
}

/// KX is for patients treated with insulin, KS for all others.
const fn insulin() -> Conflict {
    Conflict {
        pair: pair(b"KS", b"KX"),
        from: None,
        why: "of glucose supplies KX says that the patient is treated with insulin, and KS that the patient is not",
        source: "DME MAC policy article A52464, modifiers",
        remedy: "Keep the one that is true of the patient",
    }
}

/// Each is defined as one part of the global package "only"; a surgeon who gives the surgery and some of the care
/// afterwards bills a line for each, and one who gives all of it bills the code alone.
const fn part_of_package(one: &[u8; 2], other: &[u8; 2]) -> Conflict {
    Conflict {
        pair: pair(one, other),
        from: None,
        why: "54 (surgery), 55 (care after it) and 56 (care before it) each bill that part of the package only",
        source: "CPT Appendix A; Medicare Claims Processing Manual chapter 12 §40.2.A",
        remedy: "Bill each part on a line of its own, or the code without them for the whole package",
    }
}

const CONFLICTS: &[Conflict] = &[
    components(),
    both_sides(b"RT"),
    both_sides(b"LT"),
    distinct(b"XE"),
    distinct(b"XP"),
    distinct(b"XS"),
    distinct(b"XU"),
    two_reasons(b"XE", b"XP"),
    two_reasons(b"XE", b"XS"),
    two_reasons(b"XE", b"XU"),
    two_reasons(b"XP", b"XS"),
    two_reasons(b"XP", b"XU"),
    two_reasons(b"XS", b"XU"),
    liability(
        b"GY",
        b"GZ",
        "GY says that Medicare never covers the service, and GZ that it does but not for this patient",
    ),
    liability(b"GA", b"GZ", "GA says that the patient signed a notice of noncoverage, and GZ that none was given"),
    requirements_met(b"GA"),
    requirements_met(b"GY"),
    requirements_met(b"GZ"),
    voluntary_notice(b"EY"),
    voluntary_notice(b"GA"),
    voluntary_notice(b"GL"),
    voluntary_notice(b"GZ"),
    insulin(),
    part_of_package(b"54", b"55"),
    part_of_package(b"54", b"56"),
    part_of_package(b"55", b"56"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<Date> {
        Date::parse(text.as_bytes())
    }

    #[test]
    fn a_pair_conflicts_in_either_order_and_stands_once() {
        for conflict in CONFLICTS {
            let [one, other] = conflict.pair;
            assert_ne!(one, other);
            for (a, b) in [(one, other), (other, one)] {
                assert_eq!(of(a, b, day("2024-01-01")).map(|found| found.pair), Some(conflict.pair));
            }
            let same = |again: &&Conflict| again.pair.contains(&one) && again.pair.contains(&other);
            assert_eq!(CONFLICTS.iter().filter(same).count(), 1);
        }
        assert!(of(Modifier::new(b"25"), Modifier::new(b"LT"), day("2024-01-01")).is_none());
        assert!(of(Modifier::new(b"RT"), Modifier::new(b"LT"), day("2024-01-01")).is_none());
    }

    #[test]
    fn x_modifiers_conflict_since_they_exist() {
        let (distinct, encounter) = (Modifier::new(b"59"), Modifier::new(b"XE"));
        assert!(of(distinct, encounter, day("2014-12-31")).is_none());
        assert!(of(distinct, encounter, day("2015-01-01")).is_some());
        assert!(of(distinct, encounter, None).is_none());
        assert!(of(Modifier::new(b"26"), Modifier::new(b"TC"), None).is_some());
    }
}
