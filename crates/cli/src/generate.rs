//! `cleanclaim generate`

use crate::args::{Generate, GenerateFormat};
use crate::failure::Failure;
use crate::scrub::shown;
use cleanclaim::{AtomicFile, ClaimType};
use generate::{GenerateError, Generator, Made, Plan};
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
            GenerateFormat::Csv | GenerateFormat::Ndjson | GenerateFormat::X12 => None,
        },
        plant: arguments.plant.clone(),
        ..Plan::default()
    };
    let generator = Generator::new(&codeset, plan)?;
    let mut planted = arguments.planted.as_deref().map(create).transpose()?;
    let side = planted.as_mut().map(|file| file as &mut dyn Write);
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
    planted: Option<&mut dyn Write>,
) -> Result<Made, GenerateError> {
    match format {
        GenerateFormat::Csv => generator.write_csv(claims, planted),
        GenerateFormat::Ndjson => generator.write_ndjson(claims, planted),
        GenerateFormat::X12 | GenerateFormat::X12Professional | GenerateFormat::X12Institutional => {
            generator.write_x12(claims, planted)
        }
    }
}

fn create(path: &Path) -> Result<AtomicFile, Failure> {
    AtomicFile::create(path).map_err(Failure::writing(&shown(path)))
}

fn commit(file: AtomicFile, path: &Path) -> Result<(), Failure> {
    file.commit().map_err(Failure::writing(&shown(path)))
}
