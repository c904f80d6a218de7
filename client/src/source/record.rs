//! The writer record: a CNAME that follows the writer.

use std::fmt;

use super::resolve::{Answer, Resolve};
use super::writer_source::{BoxFuture, SourceError, WriterSource};
use crate::pace::Pace;
use crate::writer::{NotAHostName, Reading, Writer};

/// The writer by a DNS name: its addresses now, and for how long.
///
/// No server has a certificate of the record's name, so `verify-full` cannot work with the name alone. With
/// [`members`](Self::members) it does: the server is then verified under the name of the member that the record leads to.
pub struct Record {
    name: String,
    members: Vec<String>,
    resolver: Box<dyn Resolve>,
}

impl fmt::Debug for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Record").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Record {
    /// The record of that name, resolved by any resolver.
    pub fn new(name: &str, resolver: impl Resolve) -> Result<Self, NotAHostName> {
        let name = Writer::named(name)?.host;
        Ok(Self { name, members: Vec::new(), resolver: Box::new(resolver) })
    }

    /// The hosts that the record may lead to. It is an error when it leads to another, and the one that it leads to is who
    /// is connected to and verified. Without this list a forged answer of DNS could choose the name that is verified.
    #[must_use]
    pub fn members<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.members = hosts.into_iter().map(Into::into).collect();
        self
    }

    fn reading(&self, answer: Answer) -> Result<Reading, SourceError> {
        let Answer { addresses, canonical, ttl } = answer;
        if addresses.is_empty() {
            return Err(SourceError::new("the answer has no address"));
        }
        let host = if self.members.is_empty() { Some(&self.name) } else { self.member(canonical.as_deref()) };
        let led = canonical.as_deref().unwrap_or("an address");
        let host = host
            .ok_or_else(|| SourceError::new(format!("{} leads to {led}, which is no member", self.name)))?;
        let mut writer = Writer::named(host).map_err(SourceError::new)?.at(addresses);
        writer.canonical = canonical;
        Ok(Reading { writer, ttl: Some(ttl) })
    }

    fn member(&self, canonical: Option<&str>) -> Option<&String> {
        self.members.iter().find(|member| canonical.is_some_and(|it| it.eq_ignore_ascii_case(member)))
    }
}

impl WriterSource for Record {
    fn read(&self) -> BoxFuture<'_, Result<Reading, SourceError>> {
        Box::pin(async move { self.reading(self.resolver.resolve(&self.name).await?) })
    }

    fn describe(&self) -> String {
        format!("record {}", self.name)
    }

    fn pace(&self) -> Pace {
        Pace::BY_TTL
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use super::super::resolve::SystemResolver;
    use super::*;

    fn answer(canonical: &str) -> Answer {
        let addresses = vec![IpAddr::from([10, 0, 0, 1])];
        Answer { addresses, canonical: Some(canonical.to_owned()), ttl: Duration::from_secs(5) }
    }

    #[test]
    fn the_record_itself_is_the_name_unless_its_members_are_known() {
        let record = Record::new("writer.example", SystemResolver::default()).unwrap();
        let reading = record.reading(answer("b.example")).unwrap();
        assert_eq!(
            (reading.writer.host.as_str(), reading.writer.own_name()),
            ("writer.example", "b.example")
        );
        assert_eq!(reading.ttl, Some(Duration::from_secs(5)));

        let record = record.members(["a.example", "b.example"]);
        assert_eq!(record.reading(answer("B.example")).unwrap().writer.host, "b.example");
        let forged = record.reading(answer("evil.example")).unwrap_err();
        assert_eq!(forged.to_string(), "writer.example leads to evil.example, which is no member");
        let bare = Answer { canonical: None, ..answer("") };
        assert!(record.reading(bare).is_err());
        let none = Answer { addresses: Vec::new(), ..answer("a.example") };
        assert_eq!(record.reading(none).unwrap_err().to_string(), "the answer has no address");
    }
}
