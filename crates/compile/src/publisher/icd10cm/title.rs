//! Titles as the order file writes them.

use crate::publisher::text::squeezed;

/// Letters of Latin-1 and Latin Extended-A, each with what the order file has in its place.
const FOLDED: &[(&str, &str)] = &[
    ("ÀÁÂÃÄÅĀĂĄ", "A"),
    ("àáâãäåāăą", "a"),
    ("ÇĆĈĊČ", "C"),
    ("çćĉċč", "c"),
    ("ĎĐ", "D"),
    ("ďđ", "d"),
    ("ÈÉÊËĒĔĖĘĚ", "E"),
    ("èéêëēĕėęě", "e"),
    ("ĜĞĠĢ", "G"),
    ("ĝğġģ", "g"),
    ("ĤĦ", "H"),
    ("ĥħ", "h"),
    ("ÌÍÎÏĨĪĬĮİ", "I"),
    ("ìíîïĩīĭįı", "i"),
    ("Ĵ", "J"),
    ("ĵ", "j"),
    ("Ķ", "K"),
    ("ķ", "k"),
    ("ĹĻĽĿŁ", "L"),
    ("ĺļľŀł", "l"),
    ("ÑŃŅŇ", "N"),
    ("ñńņň", "n"),
    ("ÒÓÔÕÖØŌŎŐ", "O"),
    ("òóôõöøōŏő", "o"),
    ("ŔŖŘ", "R"),
    ("ŕŗř", "r"),
    ("ŚŜŞŠ", "S"),
    ("śŝşš", "s"),
    ("ŢŤŦ", "T"),
    ("ţťŧ", "t"),
    ("ÙÚÛÜŨŪŬŮŰŲ", "U"),
    ("ùúûüũūŭůűų", "u"),
    ("Ŵ", "W"),
    ("ŵ", "w"),
    ("ÝŶŸ", "Y"),
    ("ýÿŷ", "y"),
    ("ŹŻŽ", "Z"),
    ("źżž", "z"),
    ("Æ", "AE"),
    ("æ", "ae"),
    ("Œ", "OE"),
    ("œ", "oe"),
    ("ß", "ss"),
    ("‘’", "'"),
    ("“”", "\""),
    ("–—", "-"),
    ("\u{a0}", " "),
];

/// The title in one line and in ASCII: the tabular list writes Ménière's disease, the order file Meniere's. What has
/// no counterpart stays as it is.
pub(super) fn plain(title: &str) -> String {
    let title = title.trim();
    let one_line = if title.contains(['\n', '\r', '\t']) { squeezed(title) } else { title.to_owned() };
    if one_line.is_ascii() {
        return one_line;
    }
    let mut plain = String::with_capacity(one_line.len());
    for character in one_line.chars() {
        match FOLDED.iter().find(|(from, _)| !character.is_ascii() && from.contains(character)) {
            Some((_, to)) => plain.push_str(to),
            None => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_folded_as_the_order_file_folds_them() {
        assert_eq!(plain(" Ménière's disease,\n  right ear "), "Meniere's disease, right ear");
        assert_eq!(
            plain("Acné excoriée; Café au lait; Sjögren; Gerstmann-Sträussler; Charcôt; Française"),
            "Acne excoriee; Cafe au lait; Sjogren; Gerstmann-Straussler; Charcot; Francaise"
        );
        assert_eq!(plain("α-mannosidosis"), "α-mannosidosis");
        assert_eq!(plain("two  spaces"), "two  spaces");
    }
}
