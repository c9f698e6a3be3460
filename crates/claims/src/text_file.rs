//! Text that users write: column maps, policies, a site's choices, lists.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest file that is read, in bytes: what is larger is claims, given by mistake.
const LARGEST: u64 = 64 << 20;

/// Reads a file that a user writes.
///
/// # Errors
/// When it cannot be read, is not UTF-8, or is larger than 64 MiB.
pub fn read_text_file(path: &Path) -> io::Result<String> {
    let larger = || io::Error::other(format!("it is larger than {LARGEST} bytes"));
    let file = File::open(path)?;
    if file.metadata()?.len() > LARGEST {
        return Err(larger());
    }
    // Pipes and devices do not say how much they have.
    let mut text = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(larger());
    }
    String::from_utf8(text).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// The line of a byte of a text, and the column in characters, both from 1; of what is beyond the text, those of its end.
///
/// ```
/// use cleanclaim_claims::line_and_column;
/// assert_eq!(line_and_column("a\n\u{e9}b", 4), (2, 2));
/// ```
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    #[test]
    fn what_is_larger_than_anybody_writes_is_not_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "a = 1").unwrap();
        assert_eq!(read_text_file(file.path()).unwrap(), "a = 1");
        file.as_file().set_len(LARGEST + 1).unwrap();
        assert_eq!(read_text_file(file.path()).unwrap_err().to_string(), "it is larger than 67108864 bytes");
        assert!(read_text_file(Path::new("/no/such/file")).is_err());
        #[cfg(unix)]
        assert!(read_text_file(Path::new("/dev/zero")).unwrap_err().to_string().starts_with("it is larger than"));
    }

    #[test]
    fn places_are_told_by_line_and_column() {
        let text = "ab\n\u{e9}c\n";
        let places = [(0, (1, 1)), (2, (1, 3)), (3, (2, 1)), (5, (2, 2)), (7, (3, 1)), (9, (3, 1))];
        for (at, place) in places {
            assert_eq!(line_and_column(text, at), place, "{at}");
        }
    }
}
