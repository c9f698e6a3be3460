//! The summary as a page: one file without scripts, which fetches nothing, to be read, sent on or printed.

use super::Summary;
use super::missing::HOW_TO_LOAD;
use super::parts::{Edits, Side, Table, count, printable};
use super::text::{NOT_RUN, REJECTED, UNANSWERED};
use crate::EditEntry;
use crate::escape::{Html, display};
use crate::number::{Dollars, Grouped, Percent};
use edits::{Outcome, Reason};
use std::fmt::Display;
use std::io::{self, Write};

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>cleanclaim: summary</title>
<style>
:root { color-scheme: light dark; font: 100%/1.45 system-ui, sans-serif; }
body { max-width: 80rem; margin: 0 auto; padding: 1rem 1.5rem 3rem; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: 0.25rem 0.75rem; text-align: left; vertical-align: top; border-bottom: 1px solid #8886; }
thead th { border-bottom: 2px solid #888; white-space: nowrap; }
tbody tr:nth-child(even) { background: #8881; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.alert { padding: 0.5rem 0.75rem; border: 2px solid #c33; font-weight: bold; }
code { font-size: 0.9em; }
@media print {
  body { max-width: none; padding: 0; font-size: 9pt; }
  .scroll { overflow: visible; }
  h2 { break-after: avoid; }
  thead { display: table-header-group; }
  tr, li { break-inside: avoid; }
}
</style>
</head>
<body>
<h1>Summary of claims checked</h1>
"#;

impl Summary {
    /// Writes the summary as an HTML page that needs nothing beside it: the numbers of [`Summary::write_text`], in tables,
    /// with every file by name. All that users wrote is escaped.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_html(&self, edits: &[EditEntry], out: &mut impl Write) -> io::Result<()> {
        let mut page = Page(HEAD.as_bytes().to_vec());
        self.totals_page(&mut page);
        if !self.files.is_empty() {
            page.section("Files", &self.files_table(usize::MAX));
        }
        self.edits_page(edits, &mut page);
        let released = self.released_table(edits);
        if !released.is_empty() {
            page.section("Bypassed", &released);
        }
        if !self.suppressions.is_empty() {
            page.section("Suppressed", &self.suppressed_table());
            page.element("p", &self.held_against());
        }
        self.notices_page(&mut page);
        self.not_evaluated_page(edits, &mut page);
        page.heading("Codeset");
        if let Some(name) = &self.configuration {
            page.element("p", &format_args!("configuration {}", printable(name)));
        }
        page.element("p", &format_args!("codeset {}", self.codeset));
        page.table(&self.tables_table(edits));
        page.raw("</body>\n</html>\n");
        out.write_all(&page.0)
    }

    fn totals_page(&self, page: &mut Page) {
        let tally = &self.tally;
        let lost = tally.claims_unaccounted();
        if lost != 0 {
            page.raw("<p class=\"alert\">");
            page.text(&format_args!("NOT ACCOUNTED FOR: {lost} claims; please report this"));
            page.raw("</p>\n");
        }
        let charges = &tally.charges;
        let rows = [
            ("read", tally.claims_read, charges.total()),
            ("clean", tally.claims_clean, charges.clean),
            ("with errors", tally.claims_with_errors, charges.with_errors),
            ("unreadable", tally.claims_unreadable, charges.unreadable),
        ];
        let row = |(what, claims, cents): (&str, u64, i128)| {
            vec![what.to_owned(), count(claims).to_string(), Dollars(cents).to_string()]
        };
        let columns = vec![("claims", Side::Left), ("number", Side::Right), ("charges", Side::Right)];
        page.table(&Table { columns, rows: rows.map(row).to_vec() });
        page.raw("<ul>\n");
        page.element(
            "li",
            &format_args!(
                "clean claims: {} of claims, {} of charges",
                Percent(tally.clean_rate_by_claims()),
                Percent(tally.clean_rate_by_charges())
            ),
        );
        if tally.claims_clean_with_warnings > 0 {
            let warned = count(tally.claims_clean_with_warnings);
            page.element("li", &format_args!("{warned} of the clean have warnings"));
        }
        if tally.claims_clean_by_suppression > 0 {
            page.element(
                "li",
                &format_args!(
                    "{} of the clean ({}) have errors that are suppressed; without suppressions {} are clean",
                    count(tally.claims_clean_by_suppression),
                    Dollars(charges.clean_by_suppression),
                    Percent(tally.clean_rate_unsuppressed()),
                ),
            );
        }
        if tally.claims_clean_rejected > 0 {
            page.element("li", &format_args!("{} of the clean {REJECTED}", count(tally.claims_clean_rejected)));
        }
        if self.claims_unanswered() > 0 {
            page.element("li", &format_args!("{} {UNANSWERED}", count(self.claims_unanswered())));
        }
        page.element("li", &format_args!("lines: {}", count(tally.lines_read)));
        let found = &tally.findings;
        let mut findings = format!(
            "findings: {} = {} error + {} warning + {} info",
            count(found.total()),
            count(found.error),
            count(found.warning),
            count(found.info),
        );
        if !self.suppressions.is_empty() {
            findings.push_str(&format!(" + {} suppressed", count(found.suppressed)));
        }
        page.element("li", &findings);
        let outcomes = Outcome::ALL.map(|outcome| (self.evaluations(outcome), outcome));
        let all = Grouped(outcomes.iter().map(|&(number, _)| u128::from(number)).sum());
        let each = outcomes.map(|(number, outcome)| format!("{} {outcome}", count(number)));
        page.element("li", &format_args!("evaluations: {all} = {}", each.join(" + ")));
        page.raw("</ul>\n");
    }

    fn edits_page(&self, edits: &[EditEntry], page: &mut Page) {
        let Edits { table, passed, idle } = self.edits_part(edits);
        if table.is_empty() && self.policies.is_empty() && idle.is_empty() {
            return;
        }
        page.heading("Edits");
        if !table.is_empty() {
            page.table(&table);
        }
        for own in &self.policies {
            let more = count(passed.get(own.label.as_str()).copied().unwrap_or(0));
            page.element("p", &format_args!("policy {} {}: {more} more edits only passed", own.label, own.name));
        }
        if !idle.is_empty() {
            page.element("p", &format_args!("{NOT_RUN}: {}", idle.join(" ")));
        }
    }

    fn notices_page(&self, page: &mut Page) {
        let notices = self.notices();
        if notices.is_empty() {
            return;
        }
        page.heading("To look at");
        page.raw("<ul>\n");
        for own in notices {
            let (message, place) = (printable(&own.message), printable(&own.place));
            page.element("li", &format_args!("{}: {message} ({place}). {}", own.severity, own.fix));
        }
        page.raw("</ul>\n");
    }

    fn not_evaluated_page(&self, edits: &[EditEntry], page: &mut Page) {
        let all = self.not_possible(edits);
        if all.is_empty() {
            return;
        }
        page.heading("Not evaluated, neither clean nor wrong");
        let columns = [("evaluations", Side::Right), ("because", Side::Left), ("what to do", Side::Left)];
        let mut table = Table { columns: [columns.as_slice(), &[("edits", Side::Left)]].concat(), rows: Vec::new() };
        for own in &all {
            let number = count(own.evaluations).to_string();
            table.rows.push(vec![number, own.reason.to_string(), self.remedy(own), own.edits.join(" ")]);
        }
        page.table(&table);
        if all.iter().any(|own| matches!(own.reason, Reason::TableNotLoaded(_))) {
            page.element("p", &"To load tables:");
            page.raw("<ul>\n");
            for (command, does) in HOW_TO_LOAD {
                page.raw("<li><code>");
                page.text(&command);
                page.raw("</code> ");
                page.text(&does);
                page.raw("</li>\n");
            }
            page.raw("</ul>\n");
        }
    }
}

/// A page while it is written: markup goes in raw, all else escaped.
struct Page(Vec<u8>);

impl Page {
    fn raw(&mut self, markup: &'static str) {
        self.0.extend_from_slice(markup.as_bytes());
    }

    fn text(&mut self, text: &impl Display) {
        display::<Html>(text, &mut self.0);
    }

    fn element(&mut self, name: &'static str, text: &impl Display) {
        self.raw("<");
        self.raw(name);
        self.raw(">");
        self.text(text);
        self.raw("</");
        self.raw(name);
        self.raw(">\n");
    }

    fn heading(&mut self, text: &'static str) {
        self.element("h2", &text);
    }

    fn section(&mut self, title: &'static str, table: &Table) {
        self.heading(title);
        self.table(table);
    }

    fn table(&mut self, table: &Table) {
        self.raw("<div class=\"scroll\">\n<table>\n<thead>\n<tr>");
        for &(name, side) in &table.columns {
            self.raw(if side == Side::Right { "<th scope=\"col\" class=\"n\">" } else { "<th scope=\"col\">" });
            self.text(&name);
            self.raw("</th>");
        }
        self.raw("</tr>\n</thead>\n<tbody>\n");
        for row in &table.rows {
            self.raw("<tr>");
            for (&(_, side), cell) in table.columns.iter().zip(row) {
                self.raw(if side == Side::Right { "<td class=\"n\">" } else { "<td>" });
                self.text(cell);
                self.raw("</td>");
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody>\n</table>\n</div>\n");
    }
}
