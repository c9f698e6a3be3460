//! Which Medicare contractors take what.

/// The contract numbers of the contractors for durable medical equipment (DME MACs), jurisdictions A to D, those before
/// 2016 and 2017 included.
///
/// Source: CMS, "Who are the MACs"; Medicare Coverage Database, contractors.
const DME_MACS: [&str; 8] = ["16003", "16013", "17003", "17013", "18003", "18013", "19003", "19013"];

/// Whether the number is of a contractor for durable medical equipment.
pub(crate) fn is_dme(contractor: &str) -> bool {
    DME_MACS.contains(&contractor)
}
