use crate::contract::edit;
use crate::{ClaimFacts, Fires, Reason, Recorder, Value};
use claims::Field;

edit! {
    /// # What it checks
    /// No claim of the run came before that is equal, whether it has another id or the same one: the same patient and
    /// payer, billing provider, type of bill, statement, diagnoses, total, and the same lines in the same order (first and
    /// last days, places, revenue codes, procedures, modifiers, units, charges, pointers and national drug codes; the
    /// provider, which is the rendering one, else the billing one, and on institutional claims the facility; on dental
    /// claims the teeth). When the two were submitted does not matter.
    ///
    /// # Why a payer denies it
    /// The second of two equal claims is taken for the first one sent again; payers answer CARC 18 (exact duplicate
    /// claim or service).
    ///
    /// # Example
    /// Claims `10023` and `10311` for one office visit of one patient: the visit was keyed twice.
    ///
    /// # How to fix
    /// Send one of them. If the first was sent before and is to be corrected, send a replacement (claim frequency 7)
    /// with the payer's claim number; if the services were given twice, say so with modifier 76, 77 or 91.
    ///
    /// # Bypass
    /// None. Claims of frequency 7 (replacement) or 8 (void) are not compared.
    ///
    /// # Source
    /// Medicare Claims Processing Manual ch. 1 §120, duplicate claims.
    ///
    /// # Tables
    /// None. Compared are claims of the same run with a patient id, a procedure and a date of service, as far back as
    /// 131,072 claims. Values that cannot be read are equal where they are the same text. A claim without patient id is
    /// not evaluated. Claims scrubbed one by one have none before them. Where rows make the claims, as in CSV, an id that
    /// comes back in one file is of one claim whose rows lie apart, which FMT006 says.
    pub struct DuplicateClaim;
    id: "DUP010", name: "duplicate-claim",
    severity: Error, snip: 4, carc: "18", rarc: "",
    source: "Medicare Claims Processing Manual ch. 1 §120",
    unit: Claim, claims: ALL, default: ON,
    tables: [], fields: [Field::PatientId], fires: Fires::EARLIER_CLAIMS.or(Fires::NO_PATIENT),
    messages: [
        "The claim is equal to claim {other_claim}, which came before it, in all but its id; a payer would deny it as a \
         duplicate"
            => "Send one of the two; to correct one that was sent, send a replacement with claim frequency 7.",
        "The claim is equal to one that came before it under the same id, {other_claim}; a payer would deny it as a \
         duplicate"
            => "Send it once, and make sure that no file is sent twice; to correct a claim that was sent, send a \
                replacement with claim frequency 7.",
    ],
    check: check,
}

fn check(claim: &ClaimFacts<'_>, out: &mut Recorder<'_>) {
    if claim.claim.row.patient.is_empty() {
        out.skip_claim(Reason::FieldAbsent(Field::PatientId));
    } else if let Some(earlier) = claim.earlier.iter().find(|earlier| earlier.same) {
        let message = u8::from(earlier.id == claim.claim.id());
        out.fail_claim(Field::ClaimId, message).with("other_claim", Value::Text(earlier.id.to_owned()));
    }
}
