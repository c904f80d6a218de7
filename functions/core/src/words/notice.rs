//! A message to people, as an SNS topic takes it.

/// Most characters of a subject, by SNS's limits.
pub const SUBJECT_MAX: usize = 100;
/// Most bytes of a message that are sent; SNS takes 256 KiB.
pub const MESSAGE_MAX: usize = 60_000;

/// A message to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    subject: String,
    message: String,
}

impl Notice {
    /// Cut to what SNS takes: a subject of printable ASCII, a message of plain text.
    pub fn new(subject: &str, message: impl Into<String>) -> Self {
        let printable = |it: char| if it.is_ascii_graphic() || it == ' ' { it } else { '?' };
        let mut subject: String = subject.chars().map(printable).collect();
        if subject.len() > SUBJECT_MAX {
            subject.truncate(SUBJECT_MAX - 3);
            subject.push_str("...");
        }
        let mut message = message.into();
        if message.len() > MESSAGE_MAX {
            message.truncate(message.floor_char_boundary(MESSAGE_MAX));
            message.push_str("\n(cut here)\n");
        }
        Self { subject, message }
    }

    /// Marked urgent: somebody has to look now.
    pub fn urgent(subject: &str, message: impl Into<String>) -> Self {
        Self::new(&format!("URGENT {subject}"), message)
    }

    /// The subject.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_fits_what_sns_takes() {
        let notice = Notice::new(&"Überlänge\n ".repeat(20), "ä".repeat(MESSAGE_MAX));
        assert_eq!(notice.subject().len(), SUBJECT_MAX);
        assert!(notice.subject().starts_with("?berl?nge? ") && notice.subject().ends_with("..."));
        assert!(notice.message().len() <= MESSAGE_MAX + 20 && notice.message().ends_with("(cut here)\n"));
        for (fits, is_cut) in [(60_000, false), (60_001, true)] {
            let notice = Notice::new("todo", "a".repeat(fits));
            assert_eq!(notice.message().contains("(cut here)"), is_cut, "{fits}");
        }
        let short = Notice::urgent("todo: two writers", "look");
        assert_eq!((short.subject(), short.message()), ("URGENT todo: two writers", "look"));
    }
}
