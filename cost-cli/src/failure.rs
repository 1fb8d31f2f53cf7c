//! Failures, as the messages that the user sees.

/// A failure as the message that the user sees.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// An error as its message.
pub(crate) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
