//! Which claims a policy applies to.

use crate::document::Applies;
use crate::tables::Days;
use claims::{ClaimView, Field};
use codes::{ClaimType, Code, Date};
use edits::ClaimTypes;

/// The claims of a policy.
#[derive(Clone, Debug)]
pub(crate) struct Payers {
    exact: Vec<String>,
    patterns: Vec<String>,
    except: Vec<String>,
    pub(crate) claim_types: ClaimTypes,
    states: Vec<Code>,
    plans: Vec<String>,
    contractors: Vec<String>,
    days: Days,
}

impl Payers {
    pub(crate) fn new(applies: &Applies, days: &Days) -> Payers {
        let (patterns, exact): (Vec<String>, Vec<String>) =
            applies.payers.iter().cloned().partition(|payer| payer.contains(['*', '?']));
        Payers {
            exact,
            patterns,
            except: applies.except_payers.clone(),
            claim_types: types(&applies.claim_types),
            states: applies.states.iter().filter_map(|state| Code::parse(state.as_bytes())).collect(),
            plans: applies.plans.clone(),
            contractors: applies.contractors.clone(),
            days: days.clone(),
        }
    }

    /// Whether the policy applies to claims of this payer, type, state, plan and contractor, on some day.
    pub(crate) fn take(&self, claim: &ClaimView<'_>) -> bool {
        let row = claim.row;
        let payer = claim.batch.text(row.payer);
        let named = self.exact.iter().any(|own| own == payer) || self.patterns.iter().any(|own| like(payer, own));
        let contractor = claim.batch.text(row.contractor);
        named
            && !self.except.iter().any(|own| like(payer, own))
            && self.claim_types.contains(row.claim_type)
            && (self.states.is_empty() || self.states.contains(&row.state))
            && (self.contractors.is_empty() || self.contractors.iter().any(|own| like(contractor, own)))
            && (self.plans.is_empty()
                || claim.text_of(Field::ClaimFiling).is_some_and(|plan| self.plans.iter().any(|own| like(plan, own))))
    }

    /// What of the claim the policy is not for, in words; empty where it applies.
    pub(crate) fn refuses(&self, claim: &ClaimView<'_>, day: Option<Date>) -> Vec<String> {
        let (row, mut why) = (claim.row, Vec::new());
        let shown = |text: &str| if text.is_empty() { "(not given)".to_owned() } else { text.to_owned() };
        let payer = claim.batch.text(row.payer);
        if !self.exact.iter().any(|own| own == payer) && !self.patterns.iter().any(|own| like(payer, own)) {
            let all: Vec<&str> = self.exact.iter().chain(&self.patterns).map(String::as_str).collect();
            why.push(format!("payer {} is none of {}", shown(payer), all.join(", ")));
        }
        if let Some(except) = self.except.iter().find(|own| like(payer, own)) {
            why.push(format!("payer {payer} is excepted by {except}"));
        }
        if !self.claim_types.contains(row.claim_type) {
            why.push(format!("it is not for claims of type {}", row.claim_type.letter()));
        }
        if !self.states.is_empty() && !self.states.contains(&row.state) {
            let states: Vec<String> = self.states.iter().map(ToString::to_string).collect();
            let state = if row.state.is_absent() { String::new() } else { row.state.to_string() };
            why.push(format!("state {} is none of {}", shown(&state), states.join(", ")));
        }
        let contractor = claim.batch.text(row.contractor);
        if !self.contractors.is_empty() && !self.contractors.iter().any(|own| like(contractor, own)) {
            why.push(format!("contractor {} is none of {}", shown(contractor), self.contractors.join(", ")));
        }
        let plan = claim.text_of(Field::ClaimFiling);
        if !self.plans.is_empty() && !plan.is_some_and(|plan| self.plans.iter().any(|own| like(plan, own))) {
            why.push(format!("plan {} is none of {}", shown(plan.unwrap_or_default()), self.plans.join(", ")));
        }
        if let Some(day) = day.filter(|&day| !self.on(Some(day))) {
            why.push(format!("it is not in force on {day}, the claim's first day of service"));
        }
        why
    }

    /// Whether it applies to claims whose first day of service is this. A claim without one is judged: other edits
    /// say that the day is missing.
    pub(crate) fn on(&self, day: Option<Date>) -> bool {
        day.is_none_or(|day| self.days.from.is_none_or(|from| from <= day) && self.days.to.is_none_or(|to| day <= to))
    }

    /// Whether the day matters.
    pub(crate) fn is_dated(&self) -> bool {
        self.days.from.is_some() || self.days.to.is_some()
    }
}

/// The set of these types; all when none is named.
pub(crate) fn types(types: &[ClaimType]) -> ClaimTypes {
    if types.is_empty() { ClaimTypes::ALL } else { ClaimTypes::of(types) }
}

/// Whether the text is what the pattern says, `*` standing for any characters and `?` for one.
pub(crate) fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let (mut at, mut of) = (0, 0);
    // Where the last star stands, and how much of the text it takes so far.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(of) {
            Some(b'*') => {
                star = Some((of, at));
                of += 1;
            }
            Some(&one) if one == b'?' || text.get(at) == Some(&one) => {
                at += 1;
                of += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    at = taken + 1;
                    of = place + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(of..).unwrap_or_default().iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_file_names_do() {
        for (text, pattern, expected) in [
            ("ACME1", "ACME*", true),
            ("ACME", "ACME*", true),
            ("ACM", "ACME*", false),
            ("XACME1", "*ACME?", true),
            ("XACME", "*ACME?", false),
            ("", "*", true),
            ("", "", true),
            ("", "?", false),
            ("aXbXc", "a*b*c", true),
            ("aXbXcd", "a*b*c", false),
            ("acme", "ACME", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*c", false),
        ] {
            assert_eq!(like(text, pattern), expected, "{text} {pattern}");
        }
    }
}
