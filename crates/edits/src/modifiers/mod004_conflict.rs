use super::conflicts::{self, Conflict};
use super::is_home_health_rate;
use crate::contract::edit;
use crate::{ClaimFacts, Fires, LineFacts, Reason, Recorder, Value};
use claims::Field;
use codes::{Date, Modifier};
use codeset::{Relation, RelationId};

edit! {
    /// # What it checks
    /// No two modifiers on one line contradict each other. Each such pair is one finding, at the later of the two
    /// places. The pairs:
    ///
    /// * the I/OCE's, dated: CT with FX or FY, FX with FY, ER with PN or PO, PN with PO;
    /// * 26 with TC: either is one component, both are the whole service;
    /// * 50 with RT or LT: both sides, and one;
    /// * 59 with XE, XP, XS or XU, and these four with each other (services from 2015-01-01);
    /// * GA with GZ, GY with GZ: a notice signed and none given; never covered and not necessary;
    /// * KX with GA, GY or GZ: requirements met, and a denial expected;
    /// * GX with EY, GA, GL or GZ: a voluntary notice of what is never covered, and what is covered under conditions;
    /// * KX with KS: treated with insulin, and not;
    /// * 54, 55 and 56 with each other: each is one part of the surgical package only.
    ///
    /// # Why a payer denies it
    /// The line says two things of which one is wrong, and the payer cannot choose. The answer is CARC 4 with N519
    /// (invalid combination of HCPCS modifiers); Medicare returns an outpatient claim (I/OCE edit 102).
    ///
    /// # Example
    /// `71046-26-TC`: the global service, billed as `71046`.
    ///
    /// # How to fix
    /// Keep the modifier that is true and take the other away; the finding says which choice there is.
    ///
    /// # Bypass
    /// The I/OCE's own pairs are not judged on the rate line of a home health claim (bill type 032x, revenue code
    /// 0023). KX with GA has had one exception: in 2011 a contractor for durable medical equipment allowed both where
    /// all criteria were met but equipment of the same kind was in use. The contractors of today name none; switch
    /// the finding off where such a line is right.
    ///
    /// # Source
    /// Modifier conflict table of the Integrated Outpatient Code Editor, edit 102 (CMS). Medicare Claims Processing
    /// Manual: chapter 23 addendum (PC/TC), chapter 4 §20.6.2 (50), chapter 23 §20.9.1.1 (GA, GY, GZ), chapter 5 §10.3
    /// (KX in therapy), chapter 12 §40.2.A (54, 55). CR 8863 and MLN Matters MM8863 (59 and X modifiers). DME MAC
    /// policy articles, modifier sections (KX, KS). CR 6563 and MLN Matters MM6563 (GX). CPT Appendix A (54, 55, 56).
    ///
    /// # Tables
    /// modifier-conflict, for the I/OCE's pairs alone. A line with two modifiers or more and no other conflict is not
    /// evaluated where that table is not loaded, its releases do not cover the date, or the line has no date: it may
    /// have a pair of that day's table. The other pairs are judged on any date. Dental claims are not looked at.
    pub struct ModifierConflict;
    id: "MOD004", name: "modifier-conflict",
    severity: Error, snip: 6, carc: "4", rarc: "N519",
    source: "I/OCE edit 102; Medicare Claims Processing Manual chapters 4, 5, 12 and 23; CR 8863; DME MAC policy \
             articles",
    unit: Line, claims: NOT_DENTAL, default: ON,
    tables: [], fields: [Field::Modifier(1)], fires: Fires::SEVERAL_MODIFIERS,
    messages: [
        "Modifiers {first} and {second} may not share a line: {why} ({source}); a payer would return the line"
            => "{remedy}.",
        "Modifiers {first} and {second} may not share a line on {date} (I/OCE edit 102, pairs of {days}); Medicare \
         would return the claim"
            => "Keep the one of {first} and {second} that is true of the service, and take the other away.",
        "Modifiers {first} and {second} may not share a line on {date} (I/OCE edit 102, pairs of {days}); released, \
         since the I/OCE does not judge the rate line of a home health claim"
            => "Check whether the rate line needs {first} and {second}; nothing else is asked.",
    ],
    check: check,
}

const FIXED: u8 = 0;
const TABLE: u8 = 1;
const RELEASED: u8 = 2;

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    for (number, line) in (0..).zip(claim.lines) {
        if line.given_modifiers().nth(1).is_some() {
            check_line(claim, number, line, out);
        }
    }
}

fn check_line(claim: &ClaimFacts<'_>, number: u32, line: &LineFacts<'_>, out: &mut Recorder<'_>) {
    let table = table_on(claim, line);
    let (mut pairs, mut found) = (0, false);
    for (later, second) in different_modifiers(line) {
        for (earlier, first) in different_modifiers(line).take_while(|&(place, _)| place < later) {
            pairs += 1;
            let field = Field::Modifier(later as u8 + 1);
            if let Some(conflict) = conflicts::of(first, second, line.date) {
                found = true;
                tell_fixed(conflict, first, second, out.fail_line(number, field, FIXED));
                continue;
            }
            let (Ok((relation, date)), Some(source), Some(target)) =
                (table, line.modifiers[earlier].ordinal(), line.modifiers[later].ordinal())
            else {
                continue;
            };
            let Some(class) = relation.on(source, target, date) else { continue };
            found = true;
            let finding = if is_home_health_rate(claim, line) {
                out.bypass_line(number, field, RELEASED)
            } else {
                Some(out.fail_line(number, field, TABLE))
            };
            if let Some(finding) = finding {
                finding
                    .with("first", Value::Modifier(first))
                    .with("second", Value::Modifier(second))
                    .with("date", Value::Date(date))
                    .with("days", Value::Days(class.days()))
                    .from_release(class.release);
            }
        }
    }
    if let (Err(reason), false, 1..) = (table, found, pairs) {
        out.skip_line(number, reason);
    }
}

fn tell_fixed(conflict: &Conflict, first: Modifier, second: Modifier, finding: &mut crate::Finding) {
    finding
        .with("first", Value::Modifier(first))
        .with("second", Value::Modifier(second))
        .with("why", Value::Text(conflict.why.to_owned()))
        .with("source", Value::Text(conflict.source.to_owned()))
        .with("remedy", Value::Text(conflict.remedy.to_owned()));
}

/// The line's modifiers with their places from 0, each at its first place only. What is no modifier has no
/// contradiction, and is MOD001's.
fn different_modifiers(line: &LineFacts<'_>) -> impl Iterator<Item = (usize, Modifier)> {
    let all = line.row.modifiers;
    line.given_modifiers().filter(move |&(place, modifier)| {
        !modifier.is_malformed() && !all.iter().take(place).any(|&other| other == modifier)
    })
}

/// The I/OCE's pairs and the date on which to read them, or why they cannot be read.
fn table_on<'f>(claim: &ClaimFacts<'f>, line: &LineFacts<'_>) -> Result<(&'f Relation, Date), Reason> {
    let name = RelationId::ModifierConflict.name();
    let relation = claim.relation(RelationId::ModifierConflict).ok_or(Reason::TableNotLoaded(name))?;
    let date = line.governing_date()?;
    if relation.covers(date) { Ok((relation, date)) } else { Err(Reason::DateOutsideReleases(name)) }
}
