//! `cleanclaim policy`

use crate::args::{CodesetChoice, DiffFormat, PolicyAction, PolicyCommand};
use crate::changes;
use crate::counted;
use crate::failure::Failure;
use crate::reading::open;
use crate::scrub::{codeset, shown};
use cleanclaim::{
    ClaimExplanation, Codeset, OpenPolicyError, Policies, Policy, PolicyError, ReadOptions, Scrubber, explain,
};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub fn run(arguments: &PolicyCommand) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let found = match &arguments.action {
        PolicyAction::Check { files, codeset } => check(files, codeset, &mut out),
        PolicyAction::Test { files, codeset } => test(files, codeset, &mut out),
        PolicyAction::Explain { edit, policy, claim, codeset } => explained(edit, policy, claim, codeset, &mut out),
        PolicyAction::Diff { old, new, claims, format, codeset } => {
            diff((old, new), claims, *format, codeset, &mut out)
        }
    }?;
    out.flush().map_err(Failure::writing("the answer"))?;
    Ok(ExitCode::from(u8::from(found)))
}

/// Opens the policies that a command was given, and says how many warnings they have.
pub fn policies(files: &[PathBuf], codeset: &Codeset) -> Result<Policies, Failure> {
    let (policies, warnings) = Policies::open(files, codeset)?;
    if !warnings.is_empty() {
        let count = counted(warnings.len() as u64, "warning");
        crate::say(format_args!("the policies have {count}; `cleanclaim policy check` tells more"));
    }
    Ok(policies)
}

/// Opens the policies; those that are wrong are told, and the rest is given.
fn opened(
    files: &[PathBuf],
    codeset: &Codeset,
    warn: bool,
    out: &mut impl Write,
) -> Result<(Vec<Policy>, bool), Failure> {
    let (mut policies, mut wrong) = (Vec::new(), false);
    for file in files {
        match Policy::open(file, codeset) {
            Ok((policy, warnings)) => {
                for warning in warnings.iter().filter(|_| warn) {
                    writeln!(out, "{warning}\n").map_err(Failure::writing("the answer"))?;
                }
                policies.push(policy);
            }
            Err(OpenPolicyError::Wrong(error)) => {
                wrong = true;
                tell(&error, out).map_err(Failure::writing("the answer"))?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((policies, wrong))
}

fn tell(error: &PolicyError, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{error}\n")
}

fn check(files: &[PathBuf], choice: &CodesetChoice, out: &mut impl Write) -> Result<bool, Failure> {
    let codeset = codeset(choice)?;
    let (policies, wrong) = opened(files, &codeset, true, out)?;
    for policy in &policies {
        let examples: usize = policy.edits().iter().map(|edit| edit.examples()).sum();
        let (edits, examples) = (counted(policy.edits().len() as u64, "edit"), counted(examples as u64, "example"));
        writeln!(out, "{} {}: {edits}, {examples}; it can be used", policy.label(), policy.name())
            .map_err(Failure::writing("the answer"))?;
    }
    // Ids must differ among those that are used together.
    Policies::new(policies, &codeset)?;
    Ok(wrong)
}

fn test(files: &[PathBuf], choice: &CodesetChoice, out: &mut impl Write) -> Result<bool, Failure> {
    let codeset = codeset(choice)?;
    let (policies, mut wrong) = opened(files, &codeset, false, out)?;
    for policy in &policies {
        let results = policy.try_examples(&codeset);
        let good = results.iter().filter(|result| result.is_as_expected()).count();
        for result in results.iter().filter(|result| !result.is_as_expected()) {
            writeln!(out, "{result}").map_err(Failure::writing("the answer"))?;
        }
        writeln!(out, "{}: {good} of {} examples as expected", policy.label(), results.len())
            .map_err(Failure::writing("the answer"))?;
        wrong |= good < results.len();
    }
    Ok(wrong)
}

fn explained(
    id: &str,
    files: &[PathBuf],
    claims: &Path,
    choice: &CodesetChoice,
    out: &mut impl Write,
) -> Result<bool, Failure> {
    let codeset = codeset(choice)?;
    let policies = policies(files, &codeset)?;
    let found = policies.all().iter().find_map(|policy| policy.find(id).map(|(edit, own)| (policy, edit, own)));
    let Some((policy, edit, own)) = found else {
        return Err(no_edit(id, &policies));
    };
    let info = own.info();
    writeln!(out, "{} {}  ({})\n", info.id, info.name, policy.label()).map_err(Failure::writing("the answer"))?;
    let mut written = Ok(());
    let mut reader = open(claims, &ReadOptions::default())?;
    explain(&codeset, policy, edit, &mut *reader, &mut |claim| {
        if written.is_err() {
            return;
        }
        written = tell_claim(&claim, out);
    })?;
    written.map_err(Failure::writing("the answer"))?;
    Ok(false)
}

/// What to say to who asks for an edit that the policies do not have.
fn no_edit(id: &str, policies: &Policies) -> Failure {
    /// A policy may have thousands.
    const MOST: usize = 20;
    let ids: Vec<&str> = policies.all().iter().flat_map(Policy::edits).map(|edit| edit.info().id.as_ref()).collect();
    let shown = ids.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    let more = if ids.len() > MOST { format!(" and {} more", ids.len() - MOST) } else { String::new() };
    Failure::new(format!("no edit of the policies is called {id:?}; there are {shown}{more}"))
}

/// How the condition came out on one claim, part by part.
fn tell_claim(claim: &ClaimExplanation, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "claim {}", claim.claim_id)?;
    if !claim.not_applied.is_empty() {
        writeln!(out, "  the policy does not apply to this claim: {}", claim.not_applied.join("; "))?;
    }
    if claim.units.is_empty() {
        writeln!(out, "  not judged: the edit is not for claims of this type")?;
    }
    claim.units.iter().try_for_each(|unit| writeln!(out, "{unit}"))
}

fn diff(
    (old, new): (&Path, &Path),
    claims: &Path,
    format: DiffFormat,
    choice: &CodesetChoice,
    out: &mut impl Write,
) -> Result<bool, Failure> {
    let codeset = codeset(choice)?;
    let scrubber = |file: &Path| -> Result<Scrubber, Failure> {
        let policies = policies(&[file.to_owned()], &codeset)?;
        Ok(Scrubber::builder(codeset.clone()).policies(policies).build()?)
    };
    let (by_old, by_new) = (scrubber(old)?, scrubber(new)?);
    let reader = open(claims, &ReadOptions::default())?;
    changes::tell((&by_old, &by_new), reader, [&shown(old), &shown(new)], format, out)
}
