//! `cleanclaim generate`

use crate::args::{Generate, GenerateFormat};
use crate::failure::Failure;
use crate::reading;
use crate::scrub::{pool, shown};
use cleanclaim::{
    AtomicFile, ClaimFormat, ClaimReader, ClaimType, Input, ReadOptions, convert_to_parquet, open_reader,
};
use generate::{Generator, Plan};
use std::io::{self, BufWriter, Write};
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
    reading::keep_apart(&[], [&arguments.output, &arguments.planted].into_iter().flatten())?;
    let generator = Generator::new(&codeset, plan)?;
    let mut planted = arguments.planted.as_deref().map(create).transpose()?;
    let side = planted.as_mut();
    match &arguments.output {
        Some(path) => {
            let mut file = create(path)?;
            write(&generator, arguments.format, &mut file, side)?;
            commit(file, path)?;
        }
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            write(&generator, arguments.format, &mut out, side)?;
            out.flush().map_err(Failure::writing("claims"))?;
        }
    }
    if let (Some(file), Some(path)) = (planted, &arguments.planted) {
        commit(file, path)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn write(
    generator: &Generator<'_>,
    format: GenerateFormat,
    claims: &mut dyn Write,
    planted: Option<&mut AtomicFile>,
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
    planted: Option<&mut AtomicFile>,
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

fn create(path: &Path) -> Result<AtomicFile, Failure> {
    AtomicFile::create(path).map_err(Failure::writing(&shown(path)))
}

fn commit(file: AtomicFile, path: &Path) -> Result<(), Failure> {
    file.commit().map_err(Failure::writing(&shown(path)))
}
