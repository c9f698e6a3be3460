//! Tells the format of claims by their content.

use memchr::memmem;
use std::fmt;

/// A format in which claims come.
///
/// ```
/// use cleanclaim_claims::ClaimFormat;
/// assert_eq!(ClaimFormat::recognise(b"{\"claim_id\":\"C1\"}\n"), Some(ClaimFormat::Ndjson));
/// assert_eq!(ClaimFormat::from_name("837"), Some(ClaimFormat::X12));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ClaimFormat {
    /// One row a service line, with a header.
    Csv,
    /// X12 837, professional, institutional or dental.
    X12,
    /// JSON of our own schema, one claim a line.
    Ndjson,
    /// FHIR R4 `Claim`: one a line, a single one, or in a `Bundle`.
    Fhir,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow IPC, file or stream.
    ArrowIpc,
    /// Pipe-separated claim files as the CMS research files are.
    Rif,
}

/// The most of an input that is looked at.
const LOOKED_AT: usize = 64 * 1024;

impl ClaimFormat {
    /// Every format, in the order the documentation lists them.
    pub const ALL: [ClaimFormat; 7] = [
        ClaimFormat::Csv,
        ClaimFormat::X12,
        ClaimFormat::Ndjson,
        ClaimFormat::Fhir,
        ClaimFormat::Parquet,
        ClaimFormat::ArrowIpc,
        ClaimFormat::Rif,
    ];

    /// The format's name, as `--input-format` takes it.
    pub fn name(self) -> &'static str {
        match self {
            ClaimFormat::Csv => "csv",
            ClaimFormat::X12 => "x12",
            ClaimFormat::Ndjson => "ndjson",
            ClaimFormat::Fhir => "fhir",
            ClaimFormat::Parquet => "parquet",
            ClaimFormat::ArrowIpc => "arrow",
            ClaimFormat::Rif => "rif",
        }
    }

    /// The format of this name, or of another name that is in use for it.
    pub fn from_name(name: &str) -> Option<ClaimFormat> {
        Some(match name.to_ascii_lowercase().as_str() {
            "csv" | "tsv" => ClaimFormat::Csv,
            "x12" | "edi" | "837" | "837p" | "837i" | "837d" => ClaimFormat::X12,
            "ndjson" | "json" | "jsonl" => ClaimFormat::Ndjson,
            "fhir" => ClaimFormat::Fhir,
            "parquet" => ClaimFormat::Parquet,
            "arrow" | "ipc" | "feather" => ClaimFormat::ArrowIpc,
            "rif" => ClaimFormat::Rif,
            _ => return None,
        })
    }

    /// Whether the format is text, so that its bytes must be UTF-8.
    pub fn is_text(self) -> bool {
        !matches!(self, ClaimFormat::Parquet | ClaimFormat::ArrowIpc)
    }

    /// The format of what begins with these bytes: the first 64 KiB of an unpacked input, or all of a smaller one.
    /// `None` when they are nothing but spaces, or have no mark of any format.
    pub fn recognise(head: &[u8]) -> Option<ClaimFormat> {
        if let Some(binary) = ClaimFormat::recognise_binary(head) {
            return Some(binary);
        }
        let head = head.get(..LOOKED_AT).unwrap_or(head);
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        match head.first()? {
            b'{' | b'[' => Some(json(head)),
            b'<' => None,
            _ if is_x12(head) => Some(ClaimFormat::X12),
            _ => separated(head),
        }
    }

    /// As [`ClaimFormat::recognise`], of the formats that are not text.
    pub(crate) fn recognise_binary(head: &[u8]) -> Option<ClaimFormat> {
        match head {
            // The second is of a file whose footer is encrypted.
            [b'P', b'A', b'R', b'1' | b'E', ..] => Some(ClaimFormat::Parquet),
            [b'A', b'R', b'R', b'O', b'W', b'1', 0, 0, ..] => Some(ClaimFormat::ArrowIpc),
            // A stream: the mark of a message, then the length of its header, a multiple of eight.
            [0xff, 0xff, 0xff, 0xff, low, _, _, high, ..] if low % 8 == 0 && *high < 0x80 => {
                Some(ClaimFormat::ArrowIpc)
            }
            _ => None,
        }
    }
}

impl fmt::Display for ClaimFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// FHIR names the type of every resource; our own schema has no such member, and inside of a text its quotes would
/// be escaped.
fn json(head: &[u8]) -> ClaimFormat {
    let fhir = memmem::find(head, b"\"resourceType\"").is_some();
    if fhir { ClaimFormat::Fhir } else { ClaimFormat::Ndjson }
}

fn is_x12(head: &[u8]) -> bool {
    let separates = |byte: u8| !byte.is_ascii_alphanumeric() && !byte.is_ascii_whitespace() && byte != b',';
    // An interchange, a group without one, a transaction set without either. One that is no 837 is the reader's to tell.
    let begun = match head {
        [b'I', b'S', b'A', a, b'0', ..] => separates(*a),
        [b'G', b'S', a, b'A'..=b'Z', b'A'..=b'Z', b, ..] => separates(*a) && a == b,
        [b'S', b'T', a, number @ ..] => {
            separates(*a) && number.iter().take_while(|byte| byte.is_ascii_digit()).count() == 3
        }
        _ => false,
    };
    begun
        // Text before the interchange: it begins further on, with no authorization (00) or with some (03).
        || memmem::find_iter(head, b"ISA").any(|at| {
            matches!(head.get(at + 3..at + 7), Some([a, b'0', b'0' | b'3', b])
                if a == b && !a.is_ascii_alphanumeric() && !a.is_ascii_whitespace())
        })
}

/// The format of a text that may begin with a header.
fn separated(head: &[u8]) -> Option<ClaimFormat> {
    let header = head.split(|byte| *byte == b'\n').next()?;
    let names = |name: &[u8]| header.split(|byte| *byte == b'|').any(|own| own.trim_ascii() == name);
    if names(b"CLM_ID") && names(b"BENE_ID") {
        return Some(ClaimFormat::Rif);
    }
    let separated = header.iter().any(|byte| matches!(byte, b',' | b'\t' | b';' | b'|'));
    separated.then_some(ClaimFormat::Csv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_own_name() {
        for format in ClaimFormat::ALL {
            assert_eq!(ClaimFormat::from_name(format.name()), Some(format));
        }
        assert_eq!(ClaimFormat::from_name("xml"), None);
    }

    #[test]
    fn formats_are_told_by_their_content() {
        use ClaimFormat::*;
        let isa = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *";
        for (text, format) in [
            ("claim_id,procedure\n", Some(Csv)),
            ("\u{feff}\"claim_id\";\"procedure\"\r\n", Some(Csv)),
            ("claim_id\tprocedure", Some(Csv)),
            ("DML_IND|BENE_ID|CLM_ID|CLM_FROM_DT\nINSERT|1|2|3\n", Some(Rif)),
            ("claim_id|procedure\n", Some(Csv)),
            (isa, Some(X12)),
            (&format!("\u{feff}\n  {isa}"), Some(X12)),
            (&format!("received 3 May, by mail\n{isa}"), Some(X12)),
            ("ISA|00|          |", Some(X12)),
            ("GS*HC*A*B*20240101*", Some(X12)),
            ("ST*837*0001~", Some(X12)),
            ("ST*835*0001~", Some(X12)),
            ("GS,HC,claim_id\n", Some(Csv)),
            ("{\"claim_id\": \"a\"}", Some(Ndjson)),
            (" [ {\"claim_id\": \"a\"}", Some(Ndjson)),
            ("{\"claim_note\":\"\\\"resourceType\\\"\"}", Some(Ndjson)),
            ("{\n  \"id\": \"x\",\n  \"resourceType\" : \"Claim\"", Some(Fhir)),
            ("PAR1\u{15}", Some(Parquet)),
            ("ARROW1\0\0", Some(ArrowIpc)),
            ("<Claim xmlns=\"http://hl7.org/fhir\">", None),
            ("", None),
            ("\n \n", None),
            ("hello\n", None),
        ] {
            assert_eq!(ClaimFormat::recognise(text.as_bytes()), format, "{text:?}");
        }
        assert_eq!(ClaimFormat::recognise(b"\xff\xff\xff\xff\x78\x01\0\0\x10"), Some(ArrowIpc));
        assert_eq!(ClaimFormat::recognise(b"\xff\xff\xff\xff\xff\xff\xff\xff"), None);
    }

    #[test]
    fn no_head_of_any_length_panics() {
        let text = b"ISA*00*, ISA|03| \"resourceType\" ARROW1\0\0 PAR1 \xff\xff\xff\xff\x08\0\0\0";
        for start in 0..text.len() {
            for end in start..=text.len() {
                let _ = ClaimFormat::recognise(&text[start..end]);
            }
        }
    }
}
