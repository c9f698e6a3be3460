//! The summary for a person.

use super::Summary;
use super::missing::HOW_TO_LOAD;
use crate::EditEntry;
use crate::escape::{Escape, Plain};
use crate::number::{Dollars, Grouped, Percent};
use codes::DateRange;
use edits::{Outcome, Reason};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The most files that are listed by name.
const MOST_FILES: usize = 20;

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
        let mut table = Table::new(&[("file", Left), ("claims", Right), ("lines", Right)]);
        let (listed, rest) = self.files.split_at(self.files.len().min(MOST_FILES));
        for file in listed {
            table.row(vec![printable(&file.file), count(file.claims).to_string(), count(file.lines).to_string()]);
        }
        if !rest.is_empty() {
            let claims = rest.iter().map(|file| file.claims).sum();
            let lines = rest.iter().map(|file| file.lines).sum();
            let name = format!("{} more files", count(rest.len() as u64));
            table.row(vec![name, count(claims).to_string(), count(lines).to_string()]);
        }
        writeln!(out)?;
        table.write(out)
    }

    fn edits(&self, edits: &[EditEntry], out: &mut Vec<u8>) -> io::Result<()> {
        let mut columns = vec![
            ("edit", Left),
            ("name", Left),
            ("severity", Left),
            ("of", Left),
            (Outcome::Pass.name(), Right),
            (Outcome::Fail.name(), Right),
            (Outcome::Bypassed.name(), Right),
            (Outcome::NotEvaluated.name(), Right),
        ];
        // Findings, not units: they are among those that failed.
        if !self.suppressions.is_empty() {
            columns.push(("suppressed", Right));
        }
        let mut table = Table::new(&columns);
        let mut idle = Vec::new();
        // A policy may have thousands of edits; those that only passed are told by their number.
        let mut passed: BTreeMap<&str, u64> = BTreeMap::new();
        for (place, (edit, counts)) in edits.iter().zip(&self.counts).enumerate() {
            let outcomes = Outcome::ALL.map(|outcome| counts.of(outcome));
            match (edit.policy(), outcomes) {
                (Some(_), [0, 0, 0, 0]) => continue,
                (Some(policy), [_, 0, 0, 0]) => {
                    *passed.entry(policy).or_default() += 1;
                    continue;
                }
                (None, [0, 0, 0, 0]) => {
                    idle.push(edit.info().id.as_ref());
                    continue;
                }
                _ => {}
            }
            let info = edit.info();
            let severity = if edit.is_shadow() { "shadow".to_owned() } else { edit.severity().to_string() };
            let mut row = vec![info.id.to_string(), info.name.to_string(), severity];
            row.push(info.unit.plural().to_owned());
            row.extend(outcomes.map(|number| count(number).to_string()));
            if !self.suppressions.is_empty() {
                row.push(count(self.tally.suppressed_of(place)).to_string());
            }
            table.row(row);
        }
        if !table.is_empty() {
            writeln!(out)?;
            table.write(out)?;
        }
        for own in &self.policies {
            let more = passed.get(own.label.as_str()).copied().unwrap_or(0);
            writeln!(out, "\npolicy {} {}: {} more edits only passed", own.label, own.name, count(more))?;
        }
        if !idle.is_empty() {
            writeln!(out, "\nnot run, or nothing on these claims to evaluate")?;
            wrapped(&idle, out)?;
        }
        Ok(())
    }

    fn released(&self, edits: &[EditEntry], out: &mut Vec<u8>) -> io::Result<()> {
        let mut table = Table::new(&[("bypassed", Left), ("by modifier", Left)]);
        for (place, edit) in edits.iter().enumerate() {
            let by: Vec<String> = self
                .tally
                .releasers(place)
                .iter()
                .map(|(modifier, number)| format!("{modifier} × {}", count(*number)))
                .collect();
            if !by.is_empty() {
                table.row(vec![edit.info().id.to_string(), by.join(", ")]);
            }
        }
        if table.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        table.write(out)
    }

    /// What each suppression did, and what is to be said of those that did nothing.
    fn suppressed(&self, out: &mut Vec<u8>) -> io::Result<()> {
        if self.suppressions.is_empty() {
            return Ok(());
        }
        let columns = [("suppressed", Right), ("of", Left), ("until", Left), ("by", Left), ("where", Left)];
        let mut table = Table::new(&[columns.as_slice(), &[("because", Left)]].concat());
        for (place, own) in self.suppressions.iter().enumerate() {
            let did = self.tally.suppression(place);
            let texts = [&own.edits.join(" "), &own.until.to_string(), &own.who, &own.place, &own.why];
            let mut row = vec![count(did.suppressed).to_string()];
            row.extend(texts.map(|text| printable(text)));
            table.row(row);
        }
        writeln!(out)?;
        table.write(out)?;
        match self.today {
            Some(today) => writeln!(out, "held against a claim's received date or, where it has none, today: {today}")?,
            None => writeln!(out, "held against a claim's received date; no day was given for claims that have none")?,
        }
        for notice in self.notices() {
            write!(out, "\n{}: {} ({})", notice.severity, printable(&notice.message), printable(&notice.place))?;
            writeln!(out, "\n    {}", notice.fix)?;
        }
        Ok(())
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

    /// The codeset and the days that its tables answer for; for a table that it lacks, the edits that need it.
    fn tables(&self, edits: &[EditEntry], out: &mut Vec<u8>) -> io::Result<()> {
        let mut table = Table::new(&[("table", Left), ("answers for", Left)]);
        for own in &self.tables {
            let text = match &own.covers {
                Some(days) => periods(days),
                None => match own.needed_by(edits).collect::<Vec<_>>().as_slice() {
                    [] => "not in the codeset".to_owned(),
                    ids => format!("not in the codeset; needed by {}", ids.join(" ")),
                },
            };
            table.row(vec![own.name.to_owned(), text]);
        }
        if let Some(name) = &self.configuration {
            writeln!(out, "\nconfiguration {}", printable(name))?;
        }
        writeln!(out, "\ncodeset {}", self.codeset)?;
        table.write(out)
    }
}

/// Intervals of days, with commas between.
pub(super) fn periods(days: &[DateRange]) -> String {
    if days.is_empty() {
        return "no day".to_owned();
    }
    days.iter().map(DateRange::to_string).collect::<Vec<_>>().join(", ")
}

fn count(number: u64) -> Grouped {
    Grouped(number.into())
}

/// A file's name without characters that would move the cursor.
fn printable(name: &str) -> String {
    let mut out = Vec::new();
    Plain::put(name, &mut out);
    String::from_utf8_lossy(&out).into_owned()
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

/// On which side a column's cells stand.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}
use Side::{Left, Right};

/// Rows whose columns are as wide as their widest cell.
struct Table {
    columns: Vec<(usize, Side)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn new(columns: &[(&str, Side)]) -> Table {
        let head = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let columns = columns.iter().map(|&(name, side)| (name.chars().count(), side)).collect();
        Table { columns, rows: vec![head] }
    }

    fn row(&mut self, cells: Vec<String>) {
        for ((width, _), cell) in self.columns.iter_mut().zip(&cells) {
            *width = (*width).max(cell.chars().count());
        }
        self.rows.push(cells);
    }

    /// Whether there is nothing but the head.
    fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    fn write(&self, out: &mut Vec<u8>) -> io::Result<()> {
        for row in &self.rows {
            let mut line = String::new();
            for (&(width, side), cell) in self.columns.iter().zip(row) {
                if !line.is_empty() {
                    line.push_str("  ");
                }
                match side {
                    Left => line.push_str(&format!("{cell:<width$}")),
                    Right => line.push_str(&format!("{cell:>width$}")),
                }
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
