//! What a probe is like.

/// What a Region's probe is like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ProbeMood {
    /// It answers.
    #[default]
    Answers,
    /// It answers after so many milliseconds.
    Slow(i64),
    /// It does not know: its password is wrong, say.
    Null,
    /// It never answers.
    Silent,
}
