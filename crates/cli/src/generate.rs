//! `cleanclaim generate`

use crate::args::{Generate, GenerateFormat};
use crate::failure::Failure;
use crate::output::{Output, STANDARD};
use crate::reading;
use crate::scrub::pool;
use cleanclaim::{ClaimFormat, ClaimReader, ClaimType, Input, ReadOptions, convert_to_parquet, open_reader};
use generate::{Generator, Plan};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

pub fn run(arguments: &Generate) -> Result<ExitCode, Failure> {
    let codeset = crate::scrub::codeset(&arguments.codeset)?;
    let plan = Plan {
        lines: arguments.lines,
        seed: arguments.seed,
        error_rate: arguments.errors / 100.0,
        uniform: arguments.uniform,
        only: match arguments.format {
            GenerateFormat::X12Professional => Some(ClaimType::Professional),
            GenerateFormat::X12Institutional => Some(ClaimType::Institutional),
            GenerateFormat::Csv | GenerateFormat::Ndjson | GenerateFormat::Parquet | GenerateFormat::X12 => None,
        },
        plant: arguments.plant.clone(),
        ..Plan::default()
    };
    let claims = arguments.output.as_deref().unwrap_or(Path::new(STANDARD));
    reading::keep_apart(
        arguments.codeset.codeset.as_slice(),
        [claims].into_iter().chain(arguments.planted.as_deref()),
    )?;
    let generator = Generator::new(&codeset, plan)?;
    let planted = |path| Output::create(Some(path), "planted errors");
    let mut planted = arguments.planted.as_ref().map(planted).transpose()?;
    let mut out = Output::create(arguments.output.as_ref(), "claims")?;
    write(&generator, arguments.format, &mut out, planted.as_mut())?;
    out.commit()?;
    planted.map_or(Ok(()), Output::commit)?;
    Ok(ExitCode::SUCCESS)
}

fn write(
    generator: &Generator<'_>,
    format: GenerateFormat,
    claims: &mut dyn Write,
    planted: Option<&mut Output>,
) -> Result<(), Failure> {
    if format == GenerateFormat::Parquet {
        return write_parquet(generator, claims, planted);
    }
    let planted = planted.map(|file| file as &mut dyn Write);
    match format {
        GenerateFormat::Ndjson => generator.write_ndjson(claims, planted)?,
        GenerateFormat::X12 | GenerateFormat::X12Professional | GenerateFormat::X12Institutional => {
            generator.write_x12(claims, planted)?
        }
        GenerateFormat::Csv | GenerateFormat::Parquet => generator.write_csv(claims, planted)?,
    };
    Ok(())
}

/// Writes the claims of the CSV as Parquet, reading it while it is made.
fn write_parquet(
    generator: &Generator<'_>,
    claims: &mut dyn Write,
    planted: Option<&mut Output>,
) -> Result<(), Failure> {
    let (from, mut to) = io::pipe().map_err(Failure::writing("claims"))?;
    std::thread::scope(|scope| {
        let made = scope.spawn(move || generator.write_csv(&mut to, planted.map(|file| file as &mut dyn Write)));
        let open = || -> Result<Box<dyn ClaimReader>, Failure> {
            let mut options = ReadOptions::default();
            options.format = Some(ClaimFormat::Csv);
            Ok(open_reader(Input::from_reader("claims", from)?, &options)?)
        };
        let converted = convert_to_parquet([open()], &pool(None)?, claims);
        // The claims could not be made, or else they could not be written; then making them failed for that reason.
        let made = made.join().map_err(|_| Failure::new("claims could not be made"))?;
        converted?;
        made?;
        Ok(())
    })
}
