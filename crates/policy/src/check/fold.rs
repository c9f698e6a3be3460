//! Constants folded where conditions are put together.

use crate::ops::{Bool, Day, Number};

/// `!part`.
pub(super) fn not(part: Bool) -> Bool {
    match part {
        Bool::Const(value) => Bool::Const(!value),
        Bool::Not(inner) => *inner,
        other => Bool::Not(Box::new(other)),
    }
}

/// `a && b` or `a || b`, constants folded and chains made flat.
pub(super) fn joined(and: bool, a: Bool, b: Bool) -> Bool {
    let mut parts = Vec::new();
    for part in [a, b] {
        match part {
            // What decides the whole.
            Bool::Const(value) if value != and => return Bool::Const(value),
            Bool::Const(_) => {}
            Bool::And(own) if and => parts.extend(own),
            Bool::Or(own) if !and => parts.extend(own),
            other => parts.push(other),
        }
    }
    match (parts.len(), and) {
        (0, _) => Bool::Const(and),
        (1, _) => parts.pop().unwrap_or(Bool::Const(and)),
        (_, true) => Bool::And(parts),
        (_, false) => Bool::Or(parts),
    }
}

/// A comparison of constants is one.
pub(super) fn comparison(compared: Bool) -> Bool {
    match &compared {
        Bool::Numbers(compare, parts) => match &**parts {
            [Number::Const(a), Number::Const(b)] => Bool::Const(compare.holds(a, b)),
            _ => compared,
        },
        Bool::Dates(compare, parts) => match &**parts {
            [Day::Const(a), Day::Const(b)] => Bool::Const(compare.holds(a, b)),
            _ => compared,
        },
        _ => compared,
    }
}

/// Arithmetic on constants is a constant.
pub(super) fn number(number: Number) -> Number {
    let constants = |parts: &[Number; 2]| match parts {
        [Number::Const(a), Number::Const(b)] => Some((i128::from(*a), i128::from(*b))),
        _ => None,
    };
    let value = match &number {
        Number::Add(parts) => constants(parts).map(|(a, b)| a + b),
        Number::Subtract(parts) => constants(parts).map(|(a, b)| a - b),
        Number::Multiply(parts) => constants(parts).map(|(a, b)| a * b / 1000),
        _ => None,
    };
    value.and_then(|value| i64::try_from(value).ok()).map_or(number, Number::Const)
}
