//! Compiles the source tables in `codesets/` to the image that the program carries.

use compile::{CompileError, Sources};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Cargo shows what a failed build script wrote: the error names the table's file, line and column.
            eprintln!("error: the default codeset does not compile\n{error}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), CompileError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../codesets");
    println!("cargo::rerun-if-changed={}", folder.join("sources.toml").display());
    let sources = Sources::open(&folder)?;
    for file in sources.files() {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    let built = sources.compile()?;
    let out = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    compile::write_atomically(out.join("default.codeset"), &built.image)
}
