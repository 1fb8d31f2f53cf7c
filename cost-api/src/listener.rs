//! What whoever asks hears while an answer is made.

/// Hears warnings that an answer has no place for, and how far a long one has come.
pub trait Listener {
    /// A line to tell a person.
    fn told(&self, _line: &str) {}

    /// Something begins that takes so many tokens.
    fn begun(&self, _tokens: u64) {}

    /// So many more of them are done.
    fn taken(&self, _tokens: u64) {}

    /// All of it is done.
    fn ended(&self) {}
}

/// Hears nothing.
impl Listener for () {}
