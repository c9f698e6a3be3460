//! TOML of which some sections cannot be read, so that what is wrong in the others is told at the same time.

use std::ops::Range;
use toml::de::DeTable;

/// Beyond so many sections that cannot be read, the file is none.
const MOST: usize = 20;

/// A file's text with the sections blanked that are not TOML.
pub(crate) struct Torn {
    /// As long as the file's own, so that places in it are places in the file.
    pub(crate) text: String,
    /// What is wrong with each section, in the file's order.
    pub(crate) errors: Vec<(Range<usize>, String)>,
    /// Whether what is left is TOML.
    pub(crate) is_readable: bool,
}

/// Blanks a section after the other until what is left is TOML. Of a section only its first error is told: what a
/// parser makes of the rest of it follows from that one.
pub(crate) fn torn(text: &str) -> Torn {
    let mut torn = Torn { text: text.to_owned(), errors: Vec::new(), is_readable: false };
    while torn.errors.len() < MOST {
        let first = {
            let (_, errors) = DeTable::parse_recoverable(&torn.text);
            errors
                .iter()
                .map(|error| (error.span().unwrap_or(0..0), error.message().to_owned()))
                .min_by_key(|(span, _)| (span.start, span.end))
        };
        let Some((span, message)) = first else {
            torn.is_readable = true;
            break;
        };
        let section = section(&torn.text, span.start);
        torn.errors.push((span, message));
        let blank: String = torn.text.get(section.clone()).map_or_else(String::new, blanked);
        if torn.text.get(section.clone()).is_none_or(|own| own == blank) {
            break;
        }
        torn.text.replace_range(section, &blank);
    }
    torn.errors.sort_by_key(|(span, _)| (span.start, span.end));
    torn
}

/// The same number of bytes on the same lines, without a word.
fn blanked(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

/// The section that is at fault when a parser stops at this byte: from its header to the next one. A parser that
/// stops at a header was still in the section before it.
fn section(text: &str, at: usize) -> Range<usize> {
    let headers: Vec<usize> = text
        .split_inclusive('\n')
        .scan(0usize, |start, line| {
            let own = *start;
            *start += line.len();
            Some((own, line))
        })
        .filter(|(_, line)| line.starts_with('['))
        .map(|(start, _)| start)
        .collect();
    let from = headers.iter().rev().find(|&&header| header < at).copied().unwrap_or(0);
    let to = headers.iter().find(|&&header| header >= at && header > from).copied().unwrap_or(text.len());
    from..to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_that_cannot_be_read_leaves_the_others() {
        let text = "a = 1\n[one]\nb = [1, 2\n[two]\nc = 'é\n[three]\nd = 4\n";
        let torn = torn(text);
        assert!(torn.is_readable);
        assert_eq!(torn.errors.len(), 2, "{:?}", torn.errors);
        assert_eq!(torn.text.len(), text.len());
        assert_eq!(torn.text.split_whitespace().collect::<Vec<_>>().join(" "), "a = 1 [three] d = 4");
    }

    #[test]
    fn a_text_of_which_nothing_can_be_read_is_none() {
        let torn = torn("= = =");
        assert!(torn.errors.len() == 1 && torn.text.trim().is_empty());
    }
}
