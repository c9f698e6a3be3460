//! What claims refer to: the other resources of their bundle, and those they contain.

use super::resource::{Bundle, Claim, Contained, Head, Reference, said};
use std::collections::HashMap;

/// The resources of a bundle by their names.
pub(super) struct Index<'t> {
    /// What each says of itself, where that can be read.
    pub(super) heads: Vec<serde_json::Result<Head<'t>>>,
    by_name: HashMap<String, Contained<'t>>,
}

impl<'t> Index<'t> {
    pub(super) fn of(bundle: &Bundle<'t>) -> Index<'t> {
        let heads: Vec<_> = bundle.entry.iter().map(|entry| entry.resource.head()).collect();
        let mut by_name = HashMap::new();
        for (entry, head) in bundle.entry.iter().zip(&heads) {
            if let Some(url) = said(&entry.full_url) {
                by_name.entry(url.to_owned()).or_insert(entry.resource);
            }
            if let Ok(head) = head
                && let (Some(kind), Some(id)) = (said(&head.resource_type), said(&head.id))
            {
                by_name.entry(format!("{kind}/{id}")).or_insert(entry.resource);
            }
        }
        Index { heads, by_name }
    }

    /// The resource that a reference names, by its full URL or by type and id, whatever server and version it adds.
    fn find(&self, reference: &str) -> Option<Contained<'t>> {
        if let Some(&found) = self.by_name.get(reference) {
            return Some(found);
        }
        let plain = reference.split("/_history/").next().unwrap_or(reference);
        let mut parts = plain.rsplit('/');
        let (id, kind) = (parts.next()?, parts.next()?);
        self.by_name.get(plain).or_else(|| self.by_name.get(&format!("{kind}/{id}"))).copied()
    }
}

/// Where the references of one claim lead.
pub(super) struct Scope<'a, 't> {
    contained: Vec<(String, Contained<'t>)>,
    bundle: Option<&'a Index<'t>>,
}

impl<'a, 't> Scope<'a, 't> {
    pub(super) fn of(claim: &Claim<'t>, bundle: Option<&'a Index<'t>>) -> Scope<'a, 't> {
        let named = |&resource: &Contained<'t>| {
            let head: Head<'t> = resource.view();
            said(&head.id).map(|id| (id.trim_start_matches('#').to_owned(), resource))
        };
        Scope { contained: claim.contained.iter().filter_map(named).collect(), bundle }
    }

    /// The resource that a reference leads to.
    pub(super) fn resolve(&self, reference: &Reference<'_>) -> Option<Contained<'t>> {
        let text = said(&reference.reference)?;
        match text.strip_prefix('#') {
            Some(id) => self.contained.iter().find(|(own, _)| own == id).map(|&(_, resource)| resource),
            None => self.bundle?.find(text),
        }
    }
}
