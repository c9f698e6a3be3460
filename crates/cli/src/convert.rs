//! `cleanclaim convert`

use crate::args::{Convert, ConvertFormat};
use crate::counted;
use crate::failure::Failure;
use crate::output::Output;
use crate::reading;
use crate::scrub::pool;
use cleanclaim::{ConvertError, Converted, ReadOptions, convert_to_ndjson, convert_to_parquet};
use std::io::Write;
use std::process::ExitCode;

pub fn run(arguments: &Convert) -> Result<ExitCode, Failure> {
    let inputs = reading::inputs(&arguments.files, &arguments.reading);
    reading::keep_apart(&inputs, arguments.output.as_deref())?;
    let options = reading::options(&arguments.reading)?;
    reading::check(&arguments.files, &options)?;
    let mut out = Output::create(arguments.output.as_ref(), "claims")?;
    let converted = convert_all(arguments, &options, &mut out)?;
    out.commit()?;
    if !arguments.quiet {
        let Converted { claims, lines, unreadable, .. } = converted;
        let [claims, unreadable] = [claims, unreadable].map(|number| counted(number, "claim"));
        crate::say(format_args!("{claims} with {}; {unreadable} not read whole", counted(lines, "line")));
        if converted.problems + converted.outside > 0 {
            let Converted { problems, outside, .. } = converted;
            crate::say(format_args!(
                "{} in claims and {outside} outside of claims; `cleanclaim scrub --select FMT` tells each",
                counted(problems, "problem")
            ));
        }
    }
    Ok(if converted.unreadable == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn convert_all(arguments: &Convert, options: &ReadOptions, out: &mut dyn Write) -> Result<Converted, Failure> {
    let pool = pool(arguments.threads)?;
    let readers = reading::files(&arguments.files).map(|path| reading::open(path, options));
    match arguments.to {
        ConvertFormat::Ndjson => {
            let mut all = Converted::default();
            for (before, reader) in readers.enumerate() {
                let stopped =
                    |failure| reading::stopped(failure, arguments.files.len(), before, &[all.claims][..before.min(1)]);
                let mut reader = reader.map_err(stopped)?;
                match convert_to_ndjson(&mut *reader, &pool, out) {
                    Ok(converted) => all += converted,
                    Err(error @ ConvertError::Read(_)) => return Err(stopped(error.into())),
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(all)
        }
        ConvertFormat::Parquet => convert_to_parquet(readers, &pool, out),
    }
}
