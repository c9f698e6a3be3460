//! Opens files and standard input, unpacking gzip and zstd.

use crate::ClaimFormat;
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

/// Bytes looked at to tell what an input is.
const FIRST_BLOCK: usize = 64 * 1024;

/// Text has no zero byte among so many first ones, a header or an ISA segment and its neighbours; what is no text has.
const BEGINNING: usize = 512;
/// Of so many bytes of text one may be a zero by mistake; UTF-16 has more, and so have binary files.
const MOST_ZEROS: usize = 64;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const ZIP: &[u8] = b"PK\x03\x04";
const UTF8_BOM: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_BOMS: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];

/// Why an input cannot be read, or not further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be opened.
    #[error("{name}: cannot be opened: {source}")]
    Open {
        /// The file.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// Reading failed at some place.
    #[error("{name}: reading stopped at byte {offset}: {source}")]
    Read {
        /// The file.
        name: String,
        /// Bytes read before, unpacked.
        offset: u64,
        /// What the system said.
        source: io::Error,
    },
    /// Compressed data is damaged or ends too soon.
    #[error(
        "{name}: the {format} data cannot be unpacked beyond byte {offset} of the text: {source}; the file is \
         damaged or was cut short: obtain it again, or repack it"
    )]
    Damaged {
        /// The file.
        name: String,
        /// `gzip` or `zstd`.
        format: &'static str,
        /// Bytes unpacked before.
        offset: u64,
        /// What the decoder said.
        source: io::Error,
    },
    /// A file of typed columns is damaged.
    #[error(
        "{name}: the {format} data cannot be read beyond row {row}: {what}; the file is damaged or was cut short: \
         obtain it again, or write it again"
    )]
    Columns {
        /// The file.
        name: String,
        /// `Parquet` or `Arrow`.
        format: &'static str,
        /// Rows read before.
        row: u64,
        /// What the decoder said.
        what: String,
    },
    /// The content is no text that can be read.
    #[error("{name}: is not UTF-8 text: {what}; {remedy}")]
    NotText {
        /// The file.
        name: String,
        /// What it looks like.
        what: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// Reading stopped while rows were grouped.
    #[error("{source}; rows were grouped, so claims before may lack lines that stand beyond")]
    Grouped {
        /// Why it stopped, and where.
        source: Box<ReadError>,
    },
    /// A temporary file, needed for grouping rows, failed.
    #[error("a temporary file in {directory} failed: {source}; free space there, or set TMPDIR to another place")]
    Temporary {
        /// Where temporary files are.
        directory: String,
        /// What the system said.
        source: io::Error,
    },
}

/// An open input: a name for messages, and its bytes.
///
/// Gzip (of one or more members) and zstd (of one or more frames) are recognised by their first bytes, whatever
/// the file is called, and unpacked. A UTF-8 byte order mark is skipped, but counted in offsets.
///
/// ```
/// use cleanclaim_claims::Input;
/// use std::io::Read;
/// let mut text = String::new();
/// Input::from_reader("a.csv", "\u{feff}claim_id".as_bytes())?.read_to_string(&mut text)?;
/// assert_eq!(text, "claim_id");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Input {
    name: String,
    format: Option<&'static str>,
    /// What was read to tell what the input is, and has not been given out yet.
    first: Cursor<Vec<u8>>,
    rest: Box<dyn Read + Send>,
    /// Why reading stopped, to be told once what was read before is given out.
    failed: Option<io::Error>,
    offset: u64,
    /// The file, when it is one and is not packed, for formats that are not read from front to back.
    path: Option<PathBuf>,
}

impl Input {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when the file cannot be opened or nothing of it can be read, or its beginning is neither UTF-8 text nor a
    /// binary format that [`ClaimFormat`] knows: UTF-16, a ZIP archive, or any other content that begins with zero bytes
    /// or has many. A stray one further on is in some record, and that record's fault.
    pub fn open(path: impl AsRef<Path>) -> Result<Input, ReadError> {
        let path = path.as_ref();
        if path.as_os_str() == "-" {
            return Input::from_reader("-", io::stdin());
        }
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => {
                let regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
                let mut input = Input::from_reader(name, file)?;
                input.path = (regular && input.format.is_none()).then(|| path.to_owned());
                Ok(input)
            }
            Err(source) => Err(ReadError::Open { name, source }),
        }
    }

    /// An input from any stream of bytes; `name` is for messages.
    ///
    /// # Errors
    ///
    /// As [`Input::open`].
    pub fn from_reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Result<Input, ReadError> {
        let name = name.into();
        let mut packed: Box<dyn Read + Send> = Box::new(reader);
        let mut first = Vec::new();
        let failed = packed.by_ref().take(FIRST_BLOCK as u64).read_to_end(&mut first).err();
        let format = if first.starts_with(GZIP) {
            Some("gzip")
        } else if first.starts_with(ZSTD) {
            Some("zstd")
        } else {
            None
        };
        let failed = match failed {
            // Of packed data nothing is unpacked yet.
            Some(source) if first.is_empty() || format.is_some() => {
                return Err(ReadError::Read { name, offset: 0, source });
            }
            failed => failed,
        };
        let Some(format) = format else {
            let first = Cursor::new(first);
            return Input { name, format, first, rest: packed, failed, offset: 0, path: None }.checked();
        };
        let whole = Cursor::new(first).chain(packed);
        let mut rest: Box<dyn Read + Send> = if format == "gzip" {
            Box::new(flate2::read::MultiGzDecoder::new(whole))
        } else {
            match zstd::stream::read::Decoder::new(whole) {
                Ok(decoder) => Box::new(decoder),
                Err(source) => return Err(ReadError::Damaged { name, format, offset: 0, source }),
            }
        };
        let mut first = Vec::new();
        let failed = match rest.by_ref().take(FIRST_BLOCK as u64).read_to_end(&mut first) {
            Err(source) if first.is_empty() => return Err(ReadError::Damaged { name, format, offset: 0, source }),
            read => read.err(),
        };
        Input { name, format: Some(format), first: Cursor::new(first), rest, failed, offset: 0, path: None }.checked()
    }

    fn checked(mut self) -> Result<Input, ReadError> {
        let first = self.first.get_ref();
        if ClaimFormat::recognise_binary(first).is_some() {
            return Ok(self);
        }
        let refuse = |what, remedy| Err(ReadError::NotText { name: self.name.clone(), what, remedy });
        if UTF16_BOMS.iter().any(|bom| first.starts_with(bom)) {
            return refuse("it is UTF-16", "save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8");
        }
        if first.starts_with(ZIP) {
            return refuse("it is a ZIP archive or an Excel workbook", "unpack it, or save the sheet as CSV UTF-8");
        }
        if first.starts_with(GZIP) || first.starts_with(ZSTD) {
            return refuse("it was compressed twice", "unpack it once");
        }
        let zeros = memchr::memchr_iter(0, first).count();
        if zeros * MOST_ZEROS > first.len() || memchr::memchr(0, &first[..first.len().min(BEGINNING)]).is_some() {
            return refuse("it has zero bytes, as binary files and UTF-16 text do", "give a text file in UTF-8");
        }
        if first.starts_with(UTF8_BOM) {
            self.offset = UTF8_BOM.len() as u64;
            self.first.set_position(self.offset);
        }
        Ok(self)
    }

    /// The file's name, or `-`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Bytes of the unpacked text before the next one to be read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The first bytes of what has not been read yet: when nothing has been, up to 64 KiB, or all of a smaller
    /// input. Reading is not affected.
    pub fn head(&self) -> &[u8] {
        let first = self.first.get_ref();
        first.get(self.first.position() as usize..).unwrap_or_default()
    }

    /// The format that the beginning of the input has the marks of. Only of use before anything is read.
    pub fn recognise(&self) -> Option<ClaimFormat> {
        ClaimFormat::recognise(self.head())
    }

    /// The file, when the input is a regular file that is not packed: formats with a directory at their end
    /// (Parquet) are read there instead of from front to back.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Why nothing can be read after [`Input::head`], where that is known. Told once: whoever asks gives up on the input.
    pub fn failure(&mut self) -> Option<ReadError> {
        let source = self.failed.take()?;
        let offset = self.first.get_ref().len() as u64;
        Some(self.stopped(offset, source))
    }

    fn stopped(&self, offset: u64, source: io::Error) -> ReadError {
        let name = self.name.clone();
        match self.format {
            Some(format) => ReadError::Damaged { name, format, offset, source },
            None => ReadError::Read { name, offset, source },
        }
    }

    /// Appends the next `most` bytes, or all there are; 0 is the end of the input. What was read before an error is
    /// appended, and the error told when more is asked for.
    pub(crate) fn append(&mut self, to: &mut Vec<u8>, most: usize) -> Result<usize, ReadError> {
        to.reserve(most);
        let before = to.len();
        let first = self.first.by_ref().take(most as u64).read_to_end(to).unwrap_or_default();
        // From what stands behind itself: a file reads into memory that nobody has to clear first.
        if self.failed.is_none() {
            self.failed = self.rest.by_ref().take((most - first) as u64).read_to_end(to).err();
        }
        let read = to.len() - before;
        self.offset += read as u64;
        match self.failed.take() {
            Some(source) if read == 0 && most > 0 => Err(self.stopped(self.offset, source)),
            failed => {
                self.failed = failed;
                Ok(read)
            }
        }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = self.first.read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            read = match self.failed.take() {
                Some(error) => return Err(error),
                None => self.rest.read(buffer)?,
            };
        }
        self.offset += read as u64;
        Ok(read)
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({} at byte {})", self.name, self.offset)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> Result<String, String> {
        let mut input = Input::from_reader("x.csv", Cursor::new(bytes)).map_err(|error| error.to_string())?;
        let mut text = Vec::new();
        while input.append(&mut text, 7).map_err(|error| error.to_string())? > 0 {}
        Ok(String::from_utf8(text).unwrap())
    }

    #[test]
    fn plain_gzip_and_zstd_are_read_alike() {
        let text = "claim_id,dx_1\n".repeat(20_000);
        assert_eq!(read(text.clone().into_bytes()).unwrap(), text);
        assert_eq!(read(gzip(text.as_bytes())).unwrap(), text);
        assert_eq!(read(zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap(), text);
        assert_eq!(read(Vec::new()).unwrap(), "");
        assert_eq!(read(gzip(b"")).unwrap(), "");
    }

    #[test]
    fn members_and_frames_are_joined() {
        assert_eq!(read([gzip(b"a,"), gzip(b"b")].concat()).unwrap(), "a,b");
        let frames = [zstd::encode_all(&b"a,"[..], 1).unwrap(), zstd::encode_all(&b"b"[..], 1).unwrap()];
        assert_eq!(read(frames.concat()).unwrap(), "a,b");
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_counted() {
        let input = Input::from_reader("x", "\u{feff}a".as_bytes()).unwrap();
        assert_eq!(input.offset(), 3);
        assert_eq!(read("\u{feff}a".into()).unwrap(), "a");
        assert_eq!(read(gzip("\u{feff}a".as_bytes())).unwrap(), "a");
    }

    #[test]
    fn what_is_no_utf8_text_is_refused_with_a_remedy() {
        for (bytes, said) in [
            (vec![0xff, 0xfe, b'a', 0], "UTF-16"),
            (vec![0xfe, 0xff, 0, b'a'], "UTF-16"),
            (vec![b'a', 0, b'b', 0], "zero bytes"),
            (b"PK\x03\x04....".to_vec(), "save the sheet as CSV"),
            (gzip(&gzip(b"a")), "compressed twice"),
            (gzip(&[0, 1, 2]), "zero bytes"),
            ([vec![b'a'; BEGINNING], [b'b', 0].repeat(9)].concat(), "zero bytes"),
        ] {
            let error = read(bytes).unwrap_err();
            assert!(error.starts_with("x.csv: ") && error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_stray_zero_byte_further_on_stops_no_input() {
        let text = ["a".repeat(BEGINNING), "\0".to_owned(), "b".repeat(100)].concat();
        assert_eq!(read(text.clone().into_bytes()).unwrap(), text);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Input::open("/no/such/file.csv").unwrap_err().to_string();
        assert!(error.starts_with("/no/such/file.csv: cannot be opened: "), "{error}");
    }

    #[test]
    fn compressed_data_cut_short_is_an_error_never_an_end() {
        let text: String = (0..60_000).map(|number| format!("{number},{}\n", number * 7919 % 10_007)).collect();
        for whole in [gzip(text.as_bytes()), zstd::encode_all(text.as_bytes(), 1).unwrap()] {
            for keep in [20, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
                let error = read(whole[..keep].to_vec()).unwrap_err();
                assert!(error.contains("cut short"), "{error}");
            }
        }
    }

    /// Gives the text and then fails, as a disk or a connection does.
    pub(crate) struct Broken<T>(pub(crate) Cursor<T>);

    impl<T: AsRef<[u8]>> Read for Broken<T> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::ErrorKind::ConnectionReset.into()),
                read => Ok(read),
            }
        }
    }

    #[test]
    fn what_was_read_before_an_error_is_given_out_first() {
        let text: Vec<u8> =
            (0..60_000).flat_map(|number| format!("{number},{}\n", number * 7919 % 10_007).into_bytes()).collect();
        let packed = gzip(&text);
        let part = |bytes: &[u8], upto: usize| Cursor::new(bytes[..upto].to_vec());
        for (name, broken, least) in [
            ("a little", Broken(part(&text, 100)), 100),
            ("more than is looked at first", Broken(part(&text, 200_000)), 200_000),
            ("packed", Broken(part(&packed, packed.len() / 2)), text.len() / 3),
        ] {
            let mut input = Input::from_reader("x.csv", broken).unwrap();
            let mut read = Vec::new();
            let error = loop {
                match input.append(&mut read, 70_000) {
                    Ok(count) => assert!(count > 0, "{name}: an error is no end"),
                    Err(error) => break error,
                }
            };
            assert!(read.len() >= least && text.starts_with(&read), "{name}: {} bytes", read.len());
            let (ReadError::Read { offset, .. } | ReadError::Damaged { offset, .. }) = error else { panic!("{error}") };
            assert_eq!(offset, read.len() as u64, "{name}");
        }
        // As a stream of bytes too.
        let (mut input, mut read) = (Input::from_reader("x.csv", Broken(part(&text, 100))).unwrap(), Vec::new());
        assert_eq!(input.read_to_end(&mut read).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(read.len(), 100);
    }
}
