//! Which version of a policy a run asks for.

use crate::policy::{OpenPolicyError, Policies, Policy};
use std::fmt;
use std::str::FromStr;

/// The hexadecimal digits of a policy's hash.
const HASH: usize = 16;

/// A version of a policy that a run asks for: `ID@VERSION`, `ID#HASH`, or `ID@VERSION#HASH` as findings and summaries
/// name it.
///
/// ```
/// use cleanclaim_policy::PolicyPin;
/// let pin: PolicyPin = "ACME@2026.1#0123456789abcdef".parse()?;
/// assert_eq!((pin.id(), pin.version(), pin.hash()), ("ACME", Some("2026.1"), Some("0123456789abcdef")));
/// assert_eq!("ACME@2026.1".parse::<PolicyPin>()?.hash(), None);
/// assert!("ACME".parse::<PolicyPin>().is_err());
/// # Ok::<(), cleanclaim_policy::PolicyPinError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyPin {
    id: String,
    version: Option<String>,
    hash: Option<String>,
}

/// A text that asks for no version of a policy.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{given:?} names no version of a policy; write ID@VERSION, ID#HASH or ID@VERSION#HASH, as summaries do")]
pub struct PolicyPinError {
    given: String,
}

impl PolicyPin {
    /// The policy's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The version that is asked for, if one is.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The hash that is asked for, if one is.
    pub fn hash(&self) -> Option<&str> {
        self.hash.as_deref()
    }

    /// Whether the policy is the one that is asked for.
    pub fn fits(&self, policy: &Policy) -> bool {
        self.id == policy.id()
            && self.version().is_none_or(|version| version == policy.version())
            && self.hash().is_none_or(|hash| hash == policy.hash())
    }
}

impl FromStr for PolicyPin {
    type Err = PolicyPinError;

    fn from_str(text: &str) -> Result<PolicyPin, PolicyPinError> {
        let wrong = || PolicyPinError { given: text.to_owned() };
        let (named, hash) = match text.rsplit_once('#') {
            Some((named, hash)) => (named, Some(hash.to_ascii_lowercase())),
            None => (text, None),
        };
        let (id, version) = match named.split_once('@') {
            Some((id, version)) => (id, Some(version.to_owned())),
            None => (named, None),
        };
        let is_hash = |hash: &String| hash.len() == HASH && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let given = version.is_some() || hash.is_some();
        if id.is_empty() || !given || version.as_deref() == Some("") || !hash.as_ref().is_none_or(is_hash) {
            return Err(wrong());
        }
        Ok(PolicyPin { id: id.to_owned(), version, hash })
    }
}

impl fmt::Display for PolicyPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        if let Some(version) = &self.version {
            write!(f, "@{version}")?;
        }
        self.hash.as_ref().map_or(Ok(()), |hash| write!(f, "#{hash}"))
    }
}

impl Policies {
    /// Makes sure that these versions are among the policies, so that a run is not judged by another version than the
    /// one that it was meant for.
    ///
    /// # Errors
    /// When a policy that is asked for is not there, or in another version or of another hash.
    pub fn require(&self, pins: &[PolicyPin]) -> Result<(), OpenPolicyError> {
        for pin in pins {
            match self.all().iter().find(|policy| policy.id() == pin.id()) {
                Some(policy) if pin.fits(policy) => {}
                Some(policy) => {
                    let (asked, got) = (pin.to_string(), policy.label().to_string());
                    return Err(OpenPolicyError::OtherVersion { asked, got });
                }
                None => {
                    let given: Vec<&str> = self.all().iter().map(Policy::id).collect();
                    let given = if given.is_empty() { "none".to_owned() } else { given.join(", ") };
                    return Err(OpenPolicyError::NotGiven { asked: pin.to_string(), given });
                }
            }
        }
        Ok(())
    }
}
