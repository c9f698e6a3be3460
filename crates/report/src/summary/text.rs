//! The summary for a person.

use super::missing::HOW_TO_LOAD;
use super::parts::{Edits, Side, Table, count, printable};
use super::{Notice, Summary};
use crate::EditEntry;
use crate::number::{Dollars, Grouped, Percent};
use edits::{Outcome, Reason, Severity};
use std::io::{self, Write};

/// The most files that are listed by name.
const MOST_FILES: usize = 20;
/// What is said of edits without any outcome.
pub(super) const NOT_RUN: &str = "not run, or nothing on these claims to evaluate";

/// What is said of clean claims whose envelope is in error.
pub(super) const REJECTED: &str =
    "would come back: a receiver rejects the whole transaction set, group or interchange that they stand in";

/// What is said of claims that stand in no transaction set that is answered.
pub(super) const UNANSWERED: &str = "not in the acknowledgment, which answers transaction sets";

impl Summary {
    /// Writes the summary that a person reads at the end of a run over these edits: what became of the claims,
    /// the clean-claim rates, every edit that had something to evaluate with its four counts, what the site suppresses,
    /// why evaluations were not possible and what would make them so, and the days that the tables answer for.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_text(&self, edits: &[EditEntry], out: &mut impl Write) -> io::Result<()> {
        // One write: standard error is not buffered.
        let mut text = Vec::new();
        self.totals(&mut text)?;
        self.files(&mut text)?;
        self.edits(edits, &mut text)?;
        self.released(edits, &mut text)?;
        self.suppressed(&mut text)?;
        for notice in self.notices() {
            writeln!(text)?;
            tell(&notice, &mut text)?;
        }
        self.not_evaluated(edits, &mut text)?;
        self.tables(edits, &mut text)?;
        out.write_all(&text)
    }

    fn totals(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let tally = &self.tally;
        writeln!(
            out,
            "claims        {} read = {} clean + {} with errors + {} unreadable",
            count(tally.claims_read),
            count(tally.claims_clean),
            count(tally.claims_with_errors),
            count(tally.claims_unreadable),
        )?;
        if tally.claims_clean_with_warnings > 0 {
            writeln!(out, "              {} of the clean have warnings", count(tally.claims_clean_with_warnings))?;
        }
        if tally.claims_clean_by_suppression > 0 {
            writeln!(
                out,
                "              {} of the clean ({}) have errors that are suppressed; without suppressions {} are clean",
                count(tally.claims_clean_by_suppression),
                Dollars(tally.charges.clean_by_suppression),
                Percent(tally.clean_rate_unsuppressed()),
            )?;
        }
        if tally.claims_clean_rejected > 0 {
            writeln!(out, "              {} of the clean {REJECTED}", count(tally.claims_clean_rejected))?;
        }
        if self.claims_unanswered() > 0 {
            writeln!(out, "              {} {UNANSWERED}", count(self.claims_unanswered()))?;
        }
        match tally.claims_unaccounted() {
            0 => {}
            lost => writeln!(out, "              NOT ACCOUNTED FOR: {lost} claims; please report this")?,
        }
        writeln!(out, "lines         {}", count(tally.lines_read))?;
        writeln!(
            out,
            "charges       {} = {} clean + {} with errors + {} unreadable",
            Dollars(tally.charges.total()),
            Dollars(tally.charges.clean),
            Dollars(tally.charges.with_errors),
            Dollars(tally.charges.unreadable),
        )?;
        writeln!(
            out,
            "clean claims  {} of claims, {} of charges",
            Percent(tally.clean_rate_by_claims()),
            Percent(tally.clean_rate_by_charges()),
        )?;
        write!(
            out,
            "findings      {} = {} error + {} warning + {} info",
            count(tally.findings.total()),
            count(tally.findings.error),
            count(tally.findings.warning),
            count(tally.findings.info),
        )?;
        if self.suppressions.is_empty() {
            writeln!(out)?;
        } else {
            writeln!(out, " + {} suppressed", count(tally.findings.suppressed))?;
        }
        let outcomes = Outcome::ALL.map(|outcome| self.evaluations(outcome));
        write!(out, "evaluations   {} =", Grouped(outcomes.iter().map(|&number| u128::from(number)).sum()))?;
        for (place, (number, outcome)) in outcomes.into_iter().zip(Outcome::ALL).enumerate() {
            write!(out, "{} {} {outcome}", if place == 0 { "" } else { " +" }, count(number))?;
        }
        writeln!(out)
    }

    fn files(&self, out: &mut Vec<u8>) -> io::Result<()> {
        if self.files.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        aligned(&self.files_table(MOST_FILES), out)
    }

    fn edits(&self, edits: &[EditEntry], out: &mut Vec<u8>) -> io::Result<()> {
        let Edits { table, passed, idle } = self.edits_part(edits);
        if !table.is_empty() {
            writeln!(out)?;
            aligned(&table, out)?;
        }
        for own in &self.policies {
            let more = passed.get(own.label.as_str()).copied().unwrap_or(0);
            writeln!(out, "\npolicy {} {}: {} more edits only passed", own.label, own.name, count(more))?;
        }
        if !idle.is_empty() {
            writeln!(out, "\n{NOT_RUN}")?;
            wrapped(&idle, out)?;
        }
        Ok(())
    }

    fn released(&self, edits: &[EditEntry], out: &mut Vec<u8>) -> io::Result<()> {
        let table = self.released_table(edits);
        if table.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        aligned(&table, out)
    }

    /// What each suppression did.
    fn suppressed(&self, out: &mut Vec<u8>) -> io::Result<()> {
        if self.suppressions.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        aligned(&self.suppressed_table(), out)?;
        writeln!(out, "{}", self.held_against())
    }

    /// Writes, of the notices that [`Summary::write_text`] gives, those of at least this severity.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_notices(&self, least: Severity, out: &mut impl Write) -> io::Result<()> {
        let mut text = Vec::new();
        self.notices()
            .iter()
            .filter(|notice| notice.severity >= least)
            .try_for_each(|notice| tell(notice, &mut text))?;
        out.write_all(&text)
    }

    fn not_evaluated(&self, edits: &[EditEntry], out: &mut Vec<u8>) -> io::Result<()> {
        let all = self.not_possible(edits);
        if all.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nnot evaluated, neither clean nor wrong")?;
        for own in &all {
            writeln!(out, "  {} because {}", count(own.evaluations), own.reason)?;
            writeln!(out, "    {}", self.remedy(own))?;
            wrapped(&own.edits, out)?;
        }
        if all.iter().any(|own| matches!(own.reason, Reason::TableNotLoaded(_))) {
            writeln!(out, "  to load tables")?;
            for (command, does) in HOW_TO_LOAD {
                writeln!(out, "    {command:<58} {does}")?;
            }
        }
        Ok(())
    }

    /// The codeset and the days that its tables answer for.
    fn tables(&self, edits: &[EditEntry], out: &mut Vec<u8>) -> io::Result<()> {
        if let Some(name) = &self.configuration {
            writeln!(out, "\nconfiguration {}", printable(name))?;
        }
        writeln!(out, "\ncodeset {}", self.codeset)?;
        aligned(&self.tables_table(edits), out)
    }
}

fn tell(notice: &Notice, out: &mut Vec<u8>) -> io::Result<()> {
    writeln!(out, "{}: {} ({})", notice.severity, printable(&notice.message), printable(&notice.place))?;
    writeln!(out, "    {}", notice.fix)
}

/// Writes words in lines of at most 100 characters, indented by four.
fn wrapped(words: &[&str], out: &mut Vec<u8>) -> io::Result<()> {
    const WIDTH: usize = 100;
    let mut used = 0;
    for word in words {
        if used == 0 || used + 1 + word.len() > WIDTH {
            write!(out, "{}    {word}", if used == 0 { "" } else { "\n" })?;
            used = 4 + word.len();
        } else {
            write!(out, " {word}")?;
            used += 1 + word.len();
        }
    }
    writeln!(out)
}

/// Writes a table whose columns are as wide as their widest cell.
fn aligned(table: &Table, out: &mut Vec<u8>) -> io::Result<()> {
    let head: Vec<String> = table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let rows = || std::iter::once(&head).chain(&table.rows);
    let mut widths = vec![0; table.columns.len()];
    for row in rows() {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in rows() {
        let mut line = String::new();
        for ((&width, &(_, side)), cell) in widths.iter().zip(&table.columns).zip(row) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            match side {
                Side::Left => line.push_str(&format!("{cell:<width$}")),
                Side::Right => line.push_str(&format!("{cell:>width$}")),
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
