//! Why a writer is published, as typed variants that read as sentences.

use std::fmt;

use crate::words::names::Region;

/// Why a writer is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The published writer's own Region names somebody else.
    Renounced {
        /// The new writer's Region.
        by: Region,
        /// The former one's.
        incumbent: Region,
    },
    /// The new writer's Region changed its mind since the last publication.
    FreshClaim {
        /// The new writer's Region.
        by: Region,
        /// The former one's.
        incumbent: Region,
        /// What the former writer's Region says.
        incumbent_says: Incumbent,
    },
    /// An operator declared this Region's cluster the writer.
    Declared(Region),
    /// Nothing was published before.
    First(Region),
    /// The writer is the same, its endpoint has another name.
    EndpointChanged(Region),
    /// The configuration says `adopt`: a record that nobody owned is taken over.
    Adopted(Region),
}

/// What the published writer's Region says while another claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incumbent {
    /// It still claims.
    Claims,
    /// It does not answer.
    Unreachable,
    /// It reports no writer, or several.
    Unclear,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renounced { by, incumbent } => {
                write!(f, "{incumbent} renounced; {by} claims the writer")
            }
            Self::FreshClaim { by, incumbent, incumbent_says } => {
                write!(f, "fresh claim by {by}; {incumbent} ")?;
                f.write_str(match incumbent_says {
                    Incumbent::Claims => "has not noticed yet and still claims",
                    Incumbent::Unreachable => "unreachable",
                    Incumbent::Unclear => "reports no single writer",
                })
            }
            Self::Declared(region) => write!(f, "an operator declared {region} the writer"),
            Self::First(region) => write!(f, "first publication; {region} alone claims the writer"),
            Self::Adopted(region) => {
                write!(f, "the record had no owner and is adopted; {region} is the writer")
            }
            Self::EndpointChanged(region) => {
                write!(f, "the writer endpoint of {region} has a new name")
            }
        }
    }
}
