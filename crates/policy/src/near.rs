//! What a misspelt name may have been meant to be.

/// The name among `known` that is nearest to `given`, if one is near enough to be meant.
pub(crate) fn nearest<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // A name of conditions is short; beyond this nobody meant one.
    const LONGEST: usize = 40;
    if given.len() > LONGEST {
        return None;
    }
    let most = (given.chars().count() / 3).max(1);
    let near = known.into_iter().filter(|own| own.len() <= LONGEST).map(|own| (distance(given, own), own));
    near.filter(|&(distance, _)| distance <= most).min().map(|(_, own)| own)
}

/// How many characters must be changed, added or left out.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut before = i;
        let mut left = i + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (&b, &above) in b.iter().zip(row.iter().skip(1)) {
            left = (before + usize::from(a != b)).min(left + 1).min(above + 1);
            before = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_no_far_one() {
        let known = ["procedure", "modifiers", "charge", "pos"];
        assert_eq!(nearest("proceedure", known), Some("procedure"));
        assert_eq!(nearest("modifier", known), Some("modifiers"));
        assert_eq!(nearest("charges", known), Some("charge"));
        assert_eq!(nearest("diagnosis", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!((distance("kitten", "sitting"), distance("", "abc"), distance("abc", "abc")), (3, 3, 0));
    }
}
