//! What the probes' metrics and the alarms on them are called.

/// The namespace of what the functions print.
pub(crate) const NAMESPACE: &str = "FailoverResponder";
/// Whether the writer took a write, by a probe.
pub(crate) const WRITER_WRITABLE: &str = "WriterWritable";
/// The period of the alarms on it, in seconds, as the module `probe` has it.
pub const PROBE_PERIOD_S: u32 = 10;
