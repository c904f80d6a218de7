//! Names as Route 53 writes and orders them.

use responder_core::config::Database;

/// The two names of a writer record, as names are compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) ownership: String,
}

impl Place {
    pub(super) fn of(database: &Database) -> Self {
        Self { name: canonical(&database.record().name), ownership: canonical(&database.ownership_name()) }
    }
}

/// A name as names are compared: octal escapes such as `\052` undone, lower case, without a dot at the end.
pub(super) fn canonical(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if let (b'\\', Some((byte, after))) = (first, octal(after)) {
            bytes.push(byte);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    let name = String::from_utf8_lossy(&bytes);
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The byte of three octal digits, and what follows them.
fn octal(text: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, after) = text.split_at_checked(3)?;
    let value = digits.iter().try_fold(0_u16, |value, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 8)?;
        Some(value * 8 + u16::from(digit))
    })?;
    Some((u8::try_from(value).ok()?, after))
}

/// The labels of a name from right to left: the order in which a zone is listed.
pub(super) fn reversed(name: &str) -> String {
    let labels: Vec<&str> = name.rsplit('.').collect();
    format!("{}.", labels.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_escapes_case_and_dot() {
        for (wire, plain) in [
            ("Writer.DB.todo.internal.", "writer.db.todo.internal"),
            ("\\052.todo.internal.", "*.todo.internal"),
            ("\\137failover-responder.writer.todo.internal.", "_failover-responder.writer.todo.internal"),
            ("a\\05", "a\\05"),
            ("a\\777", "a\\777"),
            ("a\\089b", "a\\089b"),
            ("", ""),
        ] {
            assert_eq!(canonical(wire), plain);
        }
    }

    #[test]
    fn the_order_is_that_of_the_labels_from_the_right() {
        assert_eq!(reversed("writer.todo.internal"), "internal.todo.writer.");
        let mut names = ["writer.b.internal", "a.internal", "b.internal"];
        names.sort_by_key(|name| reversed(name));
        assert_eq!(names, ["a.internal", "b.internal", "writer.b.internal"]);
    }
}
