//! Why a run could not be made, or was not good enough.

/// Each is one sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file could not be read or written, or a command not started.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A source file that is no Rust.
    #[error("{0}: {1}")]
    Source(String, String),
    /// Cargo failed without an error of the compiler.
    #[error("cargo failed; what it said stands above")]
    Cargo,
    /// What does not compile is nothing that was woven.
    #[error("the copy does not compile, and not because of a mutation:\n{0}")]
    Unexplained(String),
    /// A test that fails with every switch off.
    #[error("{0} fails with no mutation on")]
    Baseline(String),
    /// Tests of what ships that come across no mutation are not those of the copy.
    #[error("{0} meets no mutation: remove target/mutants, and build it anew")]
    Deaf(String),
    /// An argument that is none.
    #[error("usage: mutants [--shard K/N] [--again] [--late] [--only NAME]; what is {0:?}?")]
    Usage(String),
    /// Survivors that the list does not have.
    #[error("{0} mutations survived that tests/mutants/survivors.txt does not list")]
    Survivors(usize),
    /// A line of the list without a reason above it.
    #[error("tests/mutants/survivors.txt: {0} has no reason above it")]
    NoReason(String),
}
