//! `cleanclaim`: a linter for medical claims.
//!
//! Exit codes: 0 when nothing was found at or above `--fail-on`, 1 when something was, 2 when the run itself
//! failed. A reader of the output that goes away is no failure.

mod args;
mod codes;
mod codesets;
mod edits;
mod failure;
mod generate;
mod scrub;

use args::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

/// Findings are many small allocations from several threads, where the system's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A panic's message may quote what it was working on, and claims are patient data: say only where it was.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or(String::new(), |place| format!(" at {}:{}", place.file(), place.line()));
        eprintln!("cleanclaim: internal error{place}; please report it");
    }));
    let result = match Arguments::parse().command {
        Command::Scrub(arguments) => scrub::run(&arguments),
        Command::Edits(arguments) => edits::run(&arguments),
        Command::Codes(arguments) => codes::run(&arguments),
        Command::Codesets(arguments) => codesets::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
    };
    match result {
        Ok(code) => code,
        Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Err(Failure::Message(message)) => {
            eprintln!("cleanclaim: {message}");
            ExitCode::from(2)
        }
    }
}
