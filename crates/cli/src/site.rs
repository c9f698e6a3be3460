//! A site's choices, from its file and the command line together.

use crate::args::{Configuration, FailOn, Scrub, Shown};
use crate::failure::Failure;
use cleanclaim::{Date, Format, Site, SiteFile};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The file that is looked for in the working directory.
const DEFAULT_NAME: &str = "cleanclaim.toml";

/// Reads the file of the site's choices, if there is one.
pub fn open(choice: &Configuration) -> Result<Option<SiteFile>, Failure> {
    let default = || Some(Path::new(DEFAULT_NAME)).filter(|path| path.is_file());
    match choice.config.as_deref().or_else(|| if choice.no_config { None } else { default() }) {
        Some(path) => Ok(Some(SiteFile::open(path)?)),
        None => Ok(None),
    }
}

/// Tells what is wrong with the file beside a failure over what it names.
pub fn with_failure(file: SiteFile, failure: Failure) -> Failure {
    match (file.check(None), failure) {
        (Err(error), Failure::Message(message)) => Failure::new(format!("{error}\n\n{message}")),
        (_, failure) => failure,
    }
}

/// Puts the site's choices where the command line makes none.
pub fn fill(arguments: &mut Scrub, site: &Site) {
    let reading = &mut arguments.reading;
    reading.input_format = reading.input_format.or(site.input_format());
    reading.map = reading.map.take().or(site.map().map(Path::to_owned));
    reading.group = reading.group.or(site.group());
    if arguments.select.is_empty() {
        arguments.select = site.select().to_vec();
        arguments.ignore.splice(0..0, site.ignore().iter().cloned());
    }
    // Of several that name an edit the last holds.
    arguments.severity.splice(0..0, site.severity().iter().cloned());
    if arguments.show.is_empty() {
        let show = site.show();
        let all = [
            (show.bypassed, Shown::Bypassed),
            (show.not_evaluated, Shown::NotEvaluated),
            (show.suppressed, Shown::Suppressed),
        ];
        arguments.show = all.into_iter().filter(|(is, _)| *is).map(|(_, shown)| shown).collect();
    }
    arguments.format = arguments.format.or_else(|| site.format().and_then(Format::from_name));
    arguments.fail_on = arguments.fail_on.or(site.fail_on().map(FailOn::from_least));
    arguments.threads = arguments.threads.or(site.threads());
}

/// The machine's date, in UTC. It is taken once a run, and the summary tells it.
pub fn machine_date() -> Date {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Date::from_days(i32::try_from(seconds / 86_400).unwrap_or(i32::MAX))
}
