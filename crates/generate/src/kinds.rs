//! What lines of each kind of procedure look like: charge, units, modifiers, revenue code.

use crate::draw::{Choice, mix};
use codes::{Code, Modifier};
use codeset::Row;
use codeset::flags::procedure;

/// What the lines of one kind of procedure look like.
pub(crate) struct Kind {
    /// The usual charge of a unit, in dollars, lies between these.
    pub(crate) dollars: (u32, u32),
    pub(crate) units: Choice<u32>,
    pub(crate) modifiers: Choice<&'static [Modifier]>,
    /// Revenue codes of institutional lines.
    pub(crate) revenue: Choice<&'static [u8; 4]>,
}

const fn m(text: &[u8; 2]) -> Modifier {
    Modifier::new(text)
}

/// Venipuncture: among surgery in CPT, on laboratory claims in life.
const DRAWING_BLOOD: u32 = 36_415;
const NONE: &[Modifier] = &[];
const ONE: Choice<u32> = Choice { usual: 1, others: &[] };

const ANESTHESIA: Kind = Kind {
    dollars: (40, 120),
    units: Choice { usual: 6, others: &[(300, 4), (200, 9), (100, 14)] },
    modifiers: Choice { usual: &[m(b"AA")], others: &[(200, &[m(b"QK")]), (200, &[m(b"QX")]), (150, &[m(b"QZ")])] },
    revenue: Choice { usual: b"0370", others: &[] },
};
const SURGERY: Kind = Kind {
    dollars: (150, 4_800),
    units: ONE,
    modifiers: Choice {
        usual: NONE,
        others: &[
            (120, &[m(b"RT")]),
            (120, &[m(b"LT")]),
            (60, &[m(b"50")]),
            (50, &[m(b"59")]),
            (30, &[m(b"XS")]),
            (20, &[m(b"59"), m(b"RT")]),
            (20, &[m(b"51")]),
            (15, &[m(b"78")]),
        ],
    },
    revenue: Choice { usual: b"0360", others: &[(250, b"0761"), (100, b"0450"), (100, b"0510"), (100, b"0750")] },
};
const RADIOLOGY: Kind = Kind {
    dollars: (60, 1_600),
    units: ONE,
    modifiers: Choice {
        usual: NONE,
        others: &[(250, &[m(b"26")]), (60, &[m(b"TC")]), (60, &[m(b"RT")]), (60, &[m(b"LT")])],
    },
    revenue: Choice { usual: b"0320", others: &[(200, b"0350"), (200, b"0402"), (100, b"0610"), (100, b"0403")] },
};
const LABORATORY: Kind = Kind {
    dollars: (8, 180),
    units: ONE,
    modifiers: Choice { usual: NONE, others: &[(60, &[m(b"QW")]), (20, &[m(b"90")]), (20, &[m(b"GA")])] },
    revenue: Choice { usual: b"0301", others: &[(200, b"0300"), (200, b"0305"), (100, b"0306"), (100, b"0302")] },
};
const VACCINE: Kind = Kind {
    dollars: (25, 260),
    units: ONE,
    modifiers: Choice { usual: NONE, others: &[] },
    revenue: Choice { usual: b"0771", others: &[(400, b"0636")] },
};
const THERAPY: Kind = Kind {
    dollars: (35, 140),
    units: Choice { usual: 1, others: &[(350, 2), (100, 3), (50, 4)] },
    modifiers: Choice {
        usual: &[m(b"GP")],
        others: &[(200, &[m(b"GO")]), (100, &[m(b"GP"), m(b"KX")]), (50, &[m(b"GO"), m(b"KX")])],
    },
    revenue: Choice { usual: b"0420", others: &[(250, b"0430"), (100, b"0440")] },
};
const EVALUATION: Kind = Kind {
    dollars: (90, 420),
    units: ONE,
    modifiers: Choice { usual: NONE, others: &[(180, &[m(b"25")]), (10, &[m(b"24")]), (10, &[m(b"57")])] },
    revenue: Choice { usual: b"0510", others: &[(100, b"0762"), (100, b"0519")] },
};
const EMERGENCY: Kind = Kind { revenue: Choice { usual: b"0450", others: &[(50, b"0456")] }, ..EVALUATION };
const MEDICINE: Kind = Kind {
    dollars: (30, 900),
    units: ONE,
    modifiers: Choice { usual: NONE, others: &[(60, &[m(b"26")]), (40, &[m(b"59")]), (20, &[m(b"XU")])] },
    revenue: Choice { usual: b"0761", others: &[(200, b"0730"), (200, b"0480"), (100, b"0410"), (100, b"0460")] },
};
const DRUG: Kind = Kind {
    dollars: (2, 400),
    units: Choice { usual: 1, others: &[(200, 2), (150, 4), (100, 10), (50, 40)] },
    modifiers: Choice { usual: NONE, others: &[(200, &[m(b"JZ")]), (50, &[m(b"JW")])] },
    revenue: Choice { usual: b"0636", others: &[] },
};
const SUPPLY: Kind = Kind {
    dollars: (10, 700),
    units: Choice { usual: 1, others: &[(200, 2)] },
    modifiers: Choice {
        usual: NONE,
        others: &[(200, &[m(b"NU")]), (200, &[m(b"RR")]), (60, &[m(b"RT")]), (60, &[m(b"LT")]), (60, &[m(b"KX")])],
    },
    revenue: Choice { usual: b"0270", others: &[(300, b"0274"), (200, b"0291")] },
};
const QUALITY: Kind = Kind {
    dollars: (0, 0),
    units: ONE,
    modifiers: Choice { usual: NONE, others: &[] },
    revenue: Choice { usual: b"0510", others: &[] },
};

impl Kind {
    /// The kind of a procedure, by the ranges that CPT and HCPCS give to each.
    pub(crate) fn of(procedure: Code) -> &'static Kind {
        let digits = (0..5).map(|place| procedure.at(place));
        let number = digits.fold(0u32, |all, byte| all * 10 + u32::from(byte.wrapping_sub(b'0') % 10));
        match (procedure.at(0), procedure.at(4), number) {
            (b'0'..=b'9', b'F', _) => &QUALITY,
            (b'0'..=b'9', b'T', _) => &SURGERY,
            (b'0'..=b'9', b'A', _) => &VACCINE,
            (b'0'..=b'9', b'U' | b'M', _) => &LABORATORY,
            (b'0'..=b'9', _, 100..=1_999) => &ANESTHESIA,
            (b'0'..=b'9', _, DRAWING_BLOOD) => &LABORATORY,
            (b'0'..=b'9', _, 10_000..=69_999) => &SURGERY,
            (b'0'..=b'9', _, 70_000..=79_999) => &RADIOLOGY,
            (b'0'..=b'9', _, 80_000..=89_999) => &LABORATORY,
            (b'0'..=b'9', _, 90_281..=90_759) => &VACCINE,
            (b'0'..=b'9', _, 97_010..=97_799) => &THERAPY,
            (b'0'..=b'9', _, 99_281..=99_292) => &EMERGENCY,
            (b'0'..=b'9', _, 99_201..=99_499) => &EVALUATION,
            (b'0'..=b'9', _, 92_002 | 92_004 | 92_012 | 92_014) => &EVALUATION,
            (b'A' | b'B' | b'E' | b'K' | b'L' | b'C' | b'V', ..) => &SUPPLY,
            (b'J' | b'Q', ..) => &DRUG,
            (b'P', ..) => &LABORATORY,
            _ => &MEDICINE,
        }
    }

    /// What a unit of the procedure costs, in cents: the same wherever it is billed, as from one fee schedule.
    pub(crate) fn cents(&self, procedure: Code) -> i64 {
        let (low, high) = self.dollars;
        if high == 0 {
            // Quality codes are reported for a cent, so that clearing houses let the line through.
            return 1;
        }
        let lot = mix(procedure.to_bits());
        let dollars = u64::from(low) + lot % u64::from(high - low + 1);
        // Half of the fees are whole dollars.
        let cents = if lot >> 63 == 0 { 0 } else { (lot >> 40) % 20 * 5 };
        (dollars * 100 + cents) as i64
    }
}

/// Who gave anesthesia: one of them, in the first place, is on every such line.
const GIVERS: [Modifier; 6] = [m(b"AA"), m(b"AD"), m(b"QK"), m(b"QX"), m(b"QY"), m(b"QZ")];
/// That a procedure was distinct: never on a visit.
const DISTINCT: [Modifier; 5] = [m(b"59"), m(b"XE"), m(b"XP"), m(b"XS"), m(b"XU")];
/// That a visit was apart: on visits alone; 25 on CPT's section Medicine too.
const OF_VISITS: [Modifier; 3] = [m(b"24"), m(b"25"), m(b"57")];
/// Those of them that CPT's section Medicine does not take either.
const BUT_ON_MEDICINE: [Modifier; 2] = [m(b"24"), m(b"57")];
/// That a service was given by telehealth.
const TELEHEALTH: [Modifier; 4] = [m(b"93"), m(b"95"), m(b"GT"), m(b"GQ")];

/// Whether these modifiers, in the order of their places, go with the procedure; `row` is its row on the day.
pub(crate) fn fit(code: Code, row: Option<&Row>, modifiers: &[Modifier]) -> bool {
    let any = |of: &[Modifier]| modifiers.iter().any(|own| of.contains(own));
    let number: Option<u32> = code.to_string().parse().ok().filter(|_| code.len() == 5);
    let visit = matches!(number, Some(99_201..=99_499 | 92_002 | 92_004 | 92_012 | 92_014));
    let medicine = number.is_some_and(|number| number >= 90_281);
    let barred: &[Modifier] = if medicine { &BUT_ON_MEDICINE } else { &OF_VISITS };
    let anesthesia = matches!(number, Some(100..=1_999));
    let one_giver = || {
        modifiers.first().is_some_and(|own| GIVERS.contains(own))
            && !modifiers.iter().skip(1).any(|own| GIVERS.contains(own))
    };
    let telehealth = || row.is_some_and(|row| row.has(procedure::TELEHEALTH));
    (!anesthesia || one_giver())
        && !(visit && any(&DISTINCT))
        && (visit || number.is_none() || !any(barred))
        && (!any(&TELEHEALTH) || telehealth())
}

/// Pairs of modifiers that CMS's manuals do not let share a line, beside those of the codeset.
pub(crate) const CONFLICTS: &[(Modifier, Modifier)] = &[
    (m(b"26"), m(b"TC")),
    (m(b"50"), m(b"RT")),
    (m(b"50"), m(b"LT")),
    (m(b"59"), m(b"XE")),
    (m(b"59"), m(b"XP")),
    (m(b"59"), m(b"XS")),
    (m(b"59"), m(b"XU")),
    (m(b"XE"), m(b"XP")),
    (m(b"XE"), m(b"XS")),
    (m(b"XP"), m(b"XU")),
    (m(b"GY"), m(b"GZ")),
    (m(b"GA"), m(b"GZ")),
    (m(b"KX"), m(b"GA")),
    (m(b"KX"), m(b"GY")),
    (m(b"KX"), m(b"GZ")),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &[u8]) -> &'static Kind {
        Kind::of(Code::parse(text).unwrap_or(Code::ABSENT))
    }

    #[test]
    fn procedures_are_of_the_kind_of_their_range() {
        assert_eq!(kind(b"99213").revenue.usual, b"0510");
        assert_eq!(kind(b"99283").revenue.usual, b"0450");
        assert_eq!(kind(b"80053").revenue.usual, b"0301");
        assert_eq!(kind(b"36415").revenue.usual, b"0301");
        assert_eq!(kind(b"00840").revenue.usual, b"0370");
        assert_eq!(kind(b"J3301").revenue.usual, b"0636");
        assert_eq!(kind(b"0042T").revenue.usual, b"0360");
        assert_eq!(kind(b"1126F").dollars, (0, 0));
        assert_eq!(kind(b"").revenue.usual, b"0761");
    }

    #[test]
    fn a_code_costs_the_same_everywhere_and_within_its_kind() {
        for number in 10_000..99_999u32 {
            let code = Code::parse(number.to_string().as_bytes()).unwrap_or(Code::ABSENT);
            let (kind, cents) = (Kind::of(code), Kind::of(code).cents(code));
            assert!((i64::from(kind.dollars.0) * 100..=i64::from(kind.dollars.1) * 100 + 95).contains(&cents));
            assert_eq!(cents, kind.cents(code));
        }
    }
}
