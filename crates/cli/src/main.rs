//! `cleanclaim`: a linter for medical claims.
//!
//! Exit codes: 0 when nothing was found at or above `--fail-on` (of `convert`: when every claim was read whole), 1
//! when something was, 2 when the run itself
//! failed. A reader of the output that goes away is no failure.

mod args;
mod build;
mod changes;
mod codes;
mod codesets;
mod convert;
mod diff;
mod edits;
mod failure;
mod generate;
mod interrupt;
mod output;
mod policy;
mod reading;
mod scrub;
mod site;
mod update;

use args::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use std::fmt::Display;
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::process::ExitCode;

/// Findings are many small allocations from several threads, where the system's allocator is slow.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        // Such a panic is caught, and told as damage of the file.
        if !cleanclaim::panic_is_damage() {
            say(panic_place(panic));
        }
    }));
    interrupt::watch();
    let result = std::panic::catch_unwind(|| match Arguments::parse().command {
        Command::Scrub(arguments) => scrub::run(*arguments),
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Edits(arguments) => edits::run(&arguments),
        Command::Codes(arguments) => codes::run(&arguments),
        Command::Codesets(arguments) => codesets::run(&arguments),
        Command::Policy(arguments) => policy::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
    });
    match result {
        Ok(Ok(code)) => code,
        Ok(Err(Failure::BrokenPipe)) => ExitCode::SUCCESS,
        Ok(Err(Failure::Message(message))) => {
            say(message);
            ExitCode::from(2)
        }
        // The hook has told it.
        Err(_) => ExitCode::from(2),
    }
}

/// Tells the user something beside the findings. Unlike `eprintln!` it does not panic when nobody reads it.
fn say(message: impl Display) {
    let _ = writeln!(io::stderr(), "cleanclaim: {message}");
}

/// So many of a thing that is named by a plain noun: `1 claim`, `2 claims`.
fn counted(number: u64, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// What is told of a panic. Its message may quote what it was working on, and claims are patient data: so only
/// where it was.
fn panic_place(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or(String::new(), |place| format!(" at {}:{}", place.file(), place.line()));
    format!("internal error{place}; please report it")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use std::sync::{Arc, Mutex};

    #[test]
    fn what_is_told_of_a_panic_has_its_place_and_nothing_of_its_message() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&told);
        std::panic::set_hook(Box::new(move |panic| to.lock().unwrap().push(panic_place(panic))));
        let patient = String::from("JOHN DOE");
        let line = line!() + 1;
        let panicked = std::panic::catch_unwind(|| panic!("no such patient: {patient}"));
        let _ = std::panic::take_hook();
        assert!(panicked.is_err());
        let expected = format!("internal error at crates/cli/src/main.rs:{line}; please report it");
        assert_eq!(*told.lock().unwrap(), [expected]);
    }
}
