//! One way to open claims of any format.

use claims::{
    ClaimFormat, ClaimReader, ColumnMap, CsvError, CsvOptions, CsvReader, Input, JsonOptions, JsonReader, JsonSchema,
    ReadError, X12Error, X12Options, X12Reader,
};
#[cfg(feature = "parquet")]
use claims::{ColumnarError, ColumnarOptions, ColumnarReader};

/// How to read claims, whatever their format. What does not concern the format at hand is not used.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The format, where it is not to be recognised by the content.
    pub format: Option<ClaimFormat>,
    /// The file's own column names (CSV, RIF, Parquet, Arrow).
    pub map: Option<ColumnMap>,
    /// Group the rows of each claim first, for files in which they lie apart (CSV).
    pub group: bool,
    /// Keep what an acknowledgment repeats (X12).
    pub trace: bool,
}

/// Why claims cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The input cannot be opened or read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The CSV cannot be read.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// The 837 cannot be read.
    #[error(transparent)]
    X12(#[from] X12Error),
    /// The Parquet or Arrow file cannot be read.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Columnar(#[from] ColumnarError),
    /// There is nothing in it.
    #[error("{name}: is empty: there is no claim in it, and no header")]
    Empty {
        /// The file.
        name: String,
    },
    /// The content is of no known format.
    #[error(
        "{name}: what it holds was not recognised: it does not begin with {{ or [ (NDJSON, FHIR), with an ISA, GS or ST \
         segment (X12 837), with a header of several columns (CSV, RIF), nor as Parquet or Arrow does{}; if it is one \
         of them, say which with --input-format", .hint.map(|hint| format!(". {hint}")).unwrap_or_default()
    )]
    Unknown {
        /// The file.
        name: String,
        /// What it looks like, and what to do then.
        hint: Option<&'static str>,
    },
    /// A format that this build cannot read.
    #[error("{name}: claims as {format} cannot be read by this build: build it with the feature `parquet`")]
    Unsupported {
        /// The file.
        name: String,
        /// The format.
        format: ClaimFormat,
    },
}

/// A reader of these claims: of the format that the options name, else of the one that the content has the marks of.
///
/// # Errors
/// [`InputError`] when the input cannot be read, is of no known format, or lacks what its format cannot do without.
///
/// ```
/// use cleanclaim::{Input, ReadOptions, open_reader};
/// let text = "claim_id,procedure,service_from,dx_1\nC1,99213,20251103,E11.9\n";
/// let reader = open_reader(Input::from_reader("claims", text.as_bytes())?, &ReadOptions::default())?;
/// assert_eq!(reader.name(), "claims");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open_reader(mut input: Input, options: &ReadOptions) -> Result<Box<dyn ClaimReader>, InputError> {
    let format = match options.format.or_else(|| input.recognise()) {
        Some(format) => format,
        // A file's own column names are only given for a file that has columns.
        None if options.map.is_some() => ClaimFormat::Csv,
        // Of a beginning that was cut short it cannot be told what it is.
        None => return Err(input.failure().map_or_else(|| unknown(&input), InputError::Read)),
    };
    match format {
        ClaimFormat::Csv | ClaimFormat::Rif => {
            // Claim files of CMS are CSV with columns and forms of their own.
            let own = || (format == ClaimFormat::Rif).then(|| ColumnMap::named("rif")).flatten();
            let map = options.map.clone().or_else(own).unwrap_or_default();
            let csv = CsvOptions { map, ..CsvOptions::default() };
            let reader = CsvReader::new(input, csv)?;
            Ok(if options.group { Box::new(reader.grouped(None)?) } else { Box::new(reader) })
        }
        ClaimFormat::X12 => {
            Ok(Box::new(X12Reader::new(input, X12Options { trace: options.trace, ..X12Options::default() })?))
        }
        ClaimFormat::Ndjson => Ok(Box::new(JsonReader::new(input, JsonSchema::Own, JsonOptions::default()))),
        ClaimFormat::Fhir => Ok(Box::new(JsonReader::new(input, JsonSchema::Fhir, JsonOptions::default()))),
        #[cfg(feature = "parquet")]
        ClaimFormat::Parquet | ClaimFormat::ArrowIpc => {
            let map = options.map.clone().unwrap_or_default();
            Ok(Box::new(ColumnarReader::new(input, ColumnarOptions { map, ..ColumnarOptions::default() })?))
        }
        format => Err(InputError::Unsupported { name: input.name().to_owned(), format }),
    }
}

fn unknown(input: &Input) -> InputError {
    let name = input.name().to_owned();
    let head = input.head().trim_ascii_start();
    match head.first() {
        None => InputError::Empty { name },
        Some(b'<') => {
            InputError::Unknown { name, hint: Some("It looks like XML: FHIR is read as JSON only, so convert it") }
        }
        Some(_) => InputError::Unknown { name, hint: None },
    }
}
