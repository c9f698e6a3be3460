//! Texts: those that a claim and its lines say, and constants.

use super::env::given_text;
use super::{Bool, Env, Known, LineRef};
use claims::Field;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum TextOp {
    Const(Box<str>),
    If(Box<Bool>, Box<[TextOp; 2]>),
    ClaimId,
    Payer,
    Patient,
    Taxonomy,
    Contractor,
    Ndc(LineRef),
    Note(LineRef),
    OfClaim(Field),
    OfLine(LineRef, Field),
}

impl TextOp {
    pub(crate) fn eval<'s, 'e: 's>(&'s self, env: &mut Env<'e>) -> Known<&'s str> {
        let (batch, row) = (env.facts.claim.batch, env.facts.claim.row);
        match self {
            TextOp::Const(text) => Ok(text),
            TextOp::If(test, parts) => test.choose(parts, env)?.eval(env),
            TextOp::ClaimId => given_text(batch.text(row.id), Field::ClaimId),
            TextOp::Payer => given_text(batch.text(row.payer), Field::PayerId),
            TextOp::Patient => given_text(batch.text(row.patient), Field::PatientId),
            TextOp::Taxonomy => given_text(batch.text(row.billing_taxonomy), Field::BillingTaxonomy),
            TextOp::Contractor => given_text(batch.text(row.contractor), Field::Contractor),
            TextOp::Ndc(line) => given_text(batch.text(env.line(*line)?.row.ndc), Field::Ndc),
            TextOp::Note(line) => given_text(batch.text(env.line(*line)?.row.note), Field::Note),
            TextOp::OfClaim(field) => env.text_of_claim(*field),
            TextOp::OfLine(line, field) => env.text_of_line(*line, *field),
        }
    }
}
