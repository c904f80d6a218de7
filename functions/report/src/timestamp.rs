//! Dates as RFC 3339 text, the form that the JSON has.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A date, to be written.
pub(crate) struct Rfc3339Text(pub(crate) OffsetDateTime);

impl Serialize for Rfc3339Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.format(&Rfc3339).map_err(ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    OffsetDateTime::parse(&text, &Rfc3339)
        .map_err(|error| de::Error::custom(format_args!("{text:?} is no RFC 3339 date: {error}")))
}
