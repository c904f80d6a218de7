//! How many writes reached a service.

/// Write calls, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Writes {
    /// Exchanges of the record that were accepted.
    pub record: u32,
    /// Exchanges of the record that lost the fence, and changed nothing.
    pub refused: u32,
    /// Writer parameters.
    pub writer: u32,
    /// State parameters.
    pub state: u32,
    /// Journals of `failover` functions.
    pub journal: u32,
    /// What `failover` functions found when they looked ahead; not among the changes, because nothing else reads it.
    pub readiness: u32,
    /// Messages to people.
    pub notices: u32,
    /// Failovers that were started, or asked for and refused.
    pub failovers: u32,
    /// Switchovers that were started, or asked for and refused.
    pub switchovers: u32,
    /// Hold switches and declarations.
    pub switches: u32,
    /// Runs of `drill` functions.
    pub runs: u32,
    /// Copies of snapshots, or wishes for one that were refused.
    pub copies: u32,
}

impl Writes {
    /// All that changed something.
    pub const fn changes(self) -> u32 {
        self.record
            + self.writer
            + self.state
            + self.journal
            + self.failovers
            + self.switchovers
            + self.switches
            + self.runs
            + self.copies
    }

    /// All of them.
    pub const fn calls(self) -> u32 {
        self.changes() + self.refused
    }
}
