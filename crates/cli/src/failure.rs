//! Why a command stopped.

use cleanclaim::{OpenError, RunError};
use std::io;
use std::path::Path;

/// What ends a command before it is done.
pub enum Failure {
    /// The reader of the output went away, as `head` does. No failure.
    BrokenPipe,
    /// What to tell the user.
    Message(String),
}

impl Failure {
    /// A failure to be told in these words.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure::Message(message.into())
    }

    /// Of writing to standard output or a file of this name.
    pub fn writing(what: &str) -> impl Fn(io::Error) -> Failure + '_ {
        move |error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
            _ => Failure::Message(format!("cannot write {what}: {error}")),
        }
    }
}

/// An error of the library, in its own words.
macro_rules! told {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Failure {
                Failure::Message(error.to_string())
            }
        })*
    };
}

told!(
    cleanclaim::ChoiceError,
    cleanclaim::InputError,
    cleanclaim::MapError,
    cleanclaim::OpenError,
    cleanclaim::OpenPolicyError,
    cleanclaim::OpenSiteError,
    cleanclaim::ReadError,
    cleanclaim::SiteError,
    ::compile::CompileError,
);

impl Failure {
    /// Of opening this codeset image: of several that a command takes, it is known which.
    pub fn image(path: &Path) -> impl Fn(OpenError) -> Failure + '_ {
        move |error| match error {
            OpenError::Io { .. } => Failure::Message(error.to_string()),
            _ => Failure::Message(format!("{}: {error}", path.display())),
        }
    }
}

impl From<::generate::GenerateError> for Failure {
    fn from(error: ::generate::GenerateError) -> Failure {
        match error {
            ::generate::GenerateError::Write(error) => Failure::writing("claims")(error),
            other => Failure::Message(other.to_string()),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Failure {
        match error {
            RunError::Write(error) => Failure::writing("findings")(error),
            RunError::Acknowledge(error) => Failure::writing("the acknowledgment")(error),
            other => Failure::Message(other.to_string()),
        }
    }
}

impl From<cleanclaim::ConvertError> for Failure {
    fn from(error: cleanclaim::ConvertError) -> Failure {
        match error {
            cleanclaim::ConvertError::Write(error) => Failure::writing("claims")(error),
            other => Failure::Message(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_of_any_output_that_goes_away_is_no_failure() {
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        for error in [RunError::Write(gone()), RunError::Acknowledge(gone())] {
            assert!(matches!(Failure::from(error), Failure::BrokenPipe));
        }
    }
}
