//! Downloads one file, whole or not at all.

use super::publishers::Source;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::http::{Uri, header};
use ureq::{Agent, Error};

/// How many times a server may send us on.
const REDIRECTS: usize = 5;
const CONNECT: Duration = Duration::from_secs(30);
/// The wait before the first new attempt; each further one is twice as long.
const BACKOFF: Duration = Duration::from_secs(1);
/// How a zip begins.
const ZIP: &[u8] = b"PK";

/// Why a file could not be downloaded. Every message is about the address that stands before it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Neither https nor this machine.
    #[error("only https addresses are downloaded; correct the list of sources")]
    Insecure,
    /// Not an address.
    #[error("is not an address; correct the list of sources")]
    Address,
    /// The server has no such file.
    #[error("the server has no such file (status {0})")]
    Missing(u16),
    /// The server answers otherwise.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// Sent to a place that is not taken.
    #[error("the server sends us on to {0}, which is neither https nor the same host; it was not followed")]
    Redirect(String),
    /// Sent on and on.
    #[error("the server sends us on more than {REDIRECTS} times")]
    Redirects,
    /// A page instead of the file.
    #[error("expected a file, got a web page: a notice or a licence to accept, perhaps")]
    Page,
    /// Too small or too large by what the list says.
    #[error("expected {least} to {most} bytes, got {got}")]
    Size {
        /// The fewest.
        least: u64,
        /// The most.
        most: u64,
        /// How many there are, at least.
        got: u64,
    },
    /// The connection ended early.
    #[error("the download ended after {got} of {expected} bytes")]
    Truncated {
        /// As the server announced.
        expected: u64,
        /// As they came.
        got: u64,
    },
    /// Not an archive.
    #[error("expected a zip archive, but it does not begin as one")]
    NotZip,
    /// It took too long.
    #[error("it took longer than {0} seconds; give a longer --timeout")]
    Slow(u64),
    /// The server cannot be reached, or breaks off.
    #[error("the server cannot be reached, or breaks off: {0}")]
    Unreachable(String),
    /// The disk.
    #[error("cannot store it: {0}")]
    Store(#[source] io::Error),
}

impl Fault {
    /// Whether another attempt may have better luck.
    fn may_pass(&self) -> bool {
        match self {
            Fault::Status(status) => *status == 429 || *status >= 500,
            Fault::Truncated { .. } | Fault::Unreachable(_) | Fault::Slow(_) => true,
            _ => false,
        }
    }
}

/// Downloads files.
pub struct Downloader {
    agent: Agent,
    seconds: u64,
    retries: u32,
}

/// A file that came whole.
pub struct Downloaded {
    /// Where it is stored.
    pub path: PathBuf,
    /// Where it came from; `None` when it was there already.
    pub address: Option<String>,
}

impl Downloader {
    /// Gives every attempt so many seconds, and so many further attempts.
    pub fn new(seconds: u64, retries: u32) -> Downloader {
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(seconds)))
            .timeout_connect(Some(CONNECT.min(Duration::from_secs(seconds))))
            // We follow ourselves, to look where to.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("cleanclaim/", env!("CARGO_PKG_VERSION")))
            .build();
        Downloader { agent: config.into(), seconds, retries }
    }

    /// Downloads a source into the folder, under the file's own name, unless it is there.
    ///
    /// # Errors
    /// With the address at fault.
    pub fn download(&self, source: &Source, folder: &Path) -> Result<Downloaded, (String, Fault)> {
        let targets: Vec<_> =
            source.addresses.iter().map(|address| (address, folder.join(file_name(address)))).collect();
        if let Some((_, path)) = targets.iter().find(|(_, path)| path.is_file()) {
            return Ok(Downloaded { path: path.clone(), address: None });
        }
        let mut missing = None;
        for (address, path) in targets {
            match self.patiently(source, address, &path) {
                Ok(()) => return Ok(Downloaded { path, address: Some(address.clone()) }),
                // It may have its other name this quarter, or be behind a page; what is told is the first.
                Err(fault @ (Fault::Missing(_) | Fault::Page)) => {
                    missing.get_or_insert((address.clone(), fault));
                }
                Err(fault) => return Err((address.clone(), fault)),
            }
        }
        Err(missing.unwrap_or_else(|| (source.name.clone(), Fault::Address)))
    }

    fn patiently(&self, source: &Source, address: &str, path: &Path) -> Result<(), Fault> {
        let mut wait = BACKOFF;
        for _ in 0..self.retries {
            match self.once(source, address, path) {
                Err(fault) if fault.may_pass() => std::thread::sleep(wait),
                ended => return ended,
            }
            wait *= 2;
        }
        self.once(source, address, path)
    }

    fn once(&self, source: &Source, address: &str, path: &Path) -> Result<(), Fault> {
        let mut uri: Uri = address.parse().map_err(|_| Fault::Address)?;
        check(&uri)?;
        for _ in 0..=REDIRECTS {
            let response = self.agent.get(uri.clone()).call().map_err(|error| self.fault(error))?;
            let status = response.status();
            let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            if let Some(to) = to.filter(|to| status.is_redirection() && !to.is_empty()) {
                uri = sent_on(&uri, to)?;
                continue;
            }
            return match status.as_u16() {
                200 => self.store(source, response, path),
                status @ (404 | 410) => Err(Fault::Missing(status)),
                status => Err(Fault::Status(status)),
            };
        }
        Err(Fault::Redirects)
    }

    fn store(&self, source: &Source, response: ureq::http::Response<ureq::Body>, path: &Path) -> Result<(), Fault> {
        let &Source { least, most, .. } = source;
        let body = response.into_body();
        if body.mime_type().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html")) {
            return Err(Fault::Page);
        }
        let expected = body.content_length();
        if let Some(got) = expected.filter(|length| !(least..=most).contains(length)) {
            return Err(Fault::Size { least, most, got });
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(Fault::Store)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(Fault::Store)?;
        // One byte more than is allowed tells that there is more.
        let mut reader = body.into_reader().take(most.saturating_add(1));
        let (mut got, mut buffer, mut head) = (0u64, vec![0; 1 << 16], Vec::new());
        loop {
            let count = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.broken(error, expected, got)),
            };
            let piece = buffer.get(..count).unwrap_or_default();
            if head.len() < ZIP.len() {
                head.extend(piece.iter().take(ZIP.len()));
            }
            file.write_all(piece).map_err(Fault::Store)?;
            got += count as u64;
        }
        if let Some(expected) = expected.filter(|&expected| expected != got) {
            return Err(Fault::Truncated { expected, got });
        }
        if !(least..=most).contains(&got) {
            return Err(Fault::Size { least, most, got });
        }
        if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip")) && !head.starts_with(ZIP) {
            return Err(Fault::NotZip);
        }
        file.as_file().sync_all().map_err(Fault::Store)?;
        file.persist(path).map_err(|error| Fault::Store(error.error))?;
        Ok(())
    }

    fn fault(&self, error: Error) -> Fault {
        match error {
            Error::Timeout(_) => Fault::Slow(self.seconds),
            Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Fault::Slow(self.seconds),
            other => Fault::Unreachable(other.to_string()),
        }
    }

    fn broken(&self, error: io::Error, expected: Option<u64>, got: u64) -> Fault {
        let fault = self.fault(Error::from(error));
        match (fault, expected) {
            (fault @ Fault::Slow(_), _) => fault,
            (_, Some(expected)) => Fault::Truncated { expected, got },
            (fault, None) => fault,
        }
    }
}

/// Only what cannot be changed on its way: https, or this machine itself.
fn check(uri: &Uri) -> Result<(), Fault> {
    let local = matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"));
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some("http") if local => Ok(()),
        Some(_) => Err(Fault::Insecure),
        None => Err(Fault::Address),
    }
}

/// Where a redirect leads: to https, or to the same host as before by the same scheme.
fn sent_on(from: &Uri, to: &str) -> Result<Uri, Fault> {
    let refused = || Fault::Redirect(to.to_owned());
    let scheme = from.scheme_str().unwrap_or_default();
    let authority = from.authority().map_or("", |own| own.as_str());
    let absolute = if to.starts_with("//") {
        format!("{scheme}:{to}")
    } else if to.starts_with('/') {
        format!("{scheme}://{authority}{to}")
    } else {
        to.to_owned()
    };
    let uri: Uri = absolute.parse().map_err(|_| refused())?;
    let same = uri.scheme_str() == from.scheme_str() && uri.authority() == from.authority();
    if same || uri.scheme_str() == Some("https") { Ok(uri) } else { Err(refused()) }
}

/// The last part of an address, which tells readers what the file is.
fn file_name(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.is_empty() || name == "." || name == ".." { "file".to_owned() } else { name.replace('\\', "_") }
}
