//! Codes that a condition writes as texts: each is parsed as its kind is written, and looked up.

use super::Checker;
use crate::fields::CodeKind;
use crate::ops::{Bool, CodeOp};
use crate::ranges::Ranges;
use crate::source::Span;
use codes::{BillType, ClaimType, Code, Modifier, Npi, Sex};
use codeset::SystemId;

impl Checker<'_, '_> {
    /// The bits of a code that is written as text, if it is one of this kind.
    pub(super) fn code_of(&mut self, kind: CodeKind, text: &str, span: &Span) -> Option<u64> {
        let plain = |code: Code| Some(code.to_bits()).filter(|_| !code.is_absent());
        let bits = match kind {
            CodeKind::Of(SystemId::Diagnosis) => Code::parse_diagnosis(text.as_bytes()).and_then(plain),
            CodeKind::Of(SystemId::Modifier) => Modifier::parse(text.as_bytes()).map(Modifier::code).and_then(plain),
            CodeKind::Of(SystemId::Revenue) if text.len() == 3 => {
                Code::parse(format!("0{text}").as_bytes()).and_then(plain)
            }
            CodeKind::Of(_) | CodeKind::Status => Code::parse(text.as_bytes()).and_then(plain),
            CodeKind::ClaimType => {
                ClaimType::parse(text.as_bytes()).and_then(|own| Code::parse(own.letter().as_bytes())).and_then(plain)
            }
            CodeKind::Sex => {
                let one = Sex::parse(text.as_bytes()).filter(|_| text.len() == 1);
                one.and_then(|_| Code::parse(text.as_bytes())).and_then(plain)
            }
            CodeKind::State => Code::parse(text.as_bytes()).filter(|code| code.len() == 2).and_then(plain),
            CodeKind::BillType => BillType::parse(text.as_bytes()).and_then(|bill| plain(bill.code())),
            CodeKind::PatientStatus | CodeKind::Condition => {
                Code::parse(text.as_bytes()).filter(|code| code.len() == 2).and_then(plain)
            }
            CodeKind::Npi => Npi::parse(text.as_bytes()).map(Npi::number),
            CodeKind::Beginning(id, _) => {
                let undotted = text.replacen('.', "", usize::from(id == SystemId::Diagnosis));
                Code::parse(undotted.as_bytes()).and_then(plain)
            }
        };
        if bits.is_none() {
            let label = match kind {
                CodeKind::ClaimType => "\"P\", \"I\" or \"D\"",
                CodeKind::Sex => "\"F\", \"M\" or \"U\"",
                CodeKind::State | CodeKind::PatientStatus | CodeKind::Condition => "two characters",
                CodeKind::BillType => "as \"131\"",
                CodeKind::Npi => "ten digits with the right check digit",
                CodeKind::Of(_) | CodeKind::Status | CodeKind::Beginning(..) => "not a code of this kind",
            };
            self.problems.error(span, format!("{text:?} is not {kind}"), label);
        }
        bits
    }

    pub(super) fn code_is(&mut self, code: CodeOp, kind: CodeKind, text: &str, span: &Span) -> Option<Bool> {
        let bits = self.code_of(kind, text, span)?;
        self.code_among(code, kind, &[(bits, span.clone())])
    }

    /// Whether a code is one of these: by ordinals where the system is loaded, so that indexes can use it.
    pub(super) fn code_among(&mut self, code: CodeOp, kind: CodeKind, all: &[(u64, Span)]) -> Option<Bool> {
        if let CodeKind::Beginning(id, length) = kind {
            return self.beginning_among(code, (id, length), all);
        }
        let CodeKind::Of(id) = kind else { return Some(of_bits(code, all)) };
        let Some(system) = self.scope.codeset.system(id) else { return Some(of_bits(code, all)) };
        let mut ranges = Vec::with_capacity(all.len());
        for (bits, span) in all {
            let own = Code::from_bits(*bits);
            match system.ordinal(own).filter(|&ordinal| !system.rows(ordinal).is_empty()) {
                Some(ordinal) => ranges.push(ordinal.0..ordinal.0 + 1),
                None => crate::sets::unknown(self.problems, span, system, own),
            }
        }
        if ranges.len() < all.len() {
            return None;
        }
        Some(Bool::InSet(code, self.scope.sets.intern(id, Ranges::of(ranges))))
    }

    /// Whether the first characters of a code are some of these: as long as they, and of some code of the system.
    fn beginning_among(&mut self, code: CodeOp, (id, length): (SystemId, u8), all: &[(u64, Span)]) -> Option<Bool> {
        let before = self.problems.errors();
        for (bits, span) in all {
            let own = Code::from_bits(*bits);
            if own.len() != usize::from(length) {
                let message = format!("{own} has {} characters, what it is compared with {length}", own.len());
                self.problems.error(span, message, "never equal");
            } else if self.scope.codeset.system(id).is_some_and(|system| system.prefix(own).is_empty()) {
                let message = format!("no code of the system {} begins with {own}", id.name());
                self.problems.error(span, message, "never equal");
            }
        }
        (self.problems.errors() == before).then(|| of_bits(code, all))
    }
}

/// Whether a code is one of these, by their bits.
fn of_bits(code: CodeOp, all: &[(u64, Span)]) -> Bool {
    let mut bits: Vec<u64> = all.iter().map(|&(bits, _)| bits).collect();
    bits.sort_unstable();
    bits.dedup();
    match bits.as_slice() {
        [one] => Bool::CodeIs(code, *one),
        _ => Bool::CodeIn(code, bits),
    }
}
