//! What RDS's events say, by their numbers: nobody knows them by heart.

/// The events of transitions, in AWS's own words, shortened.
const EVENTS: [(&str, &str); 22] = [
    ("0069", "failover inside the Region failed"),
    ("0070", "previous primary is promoted again"),
    ("0071", "failover inside the Region completed"),
    ("0072", "failover inside the zone started"),
    ("0073", "failover across zones started"),
    ("0181", "switchover started"),
    ("0182", "old primary shut down"),
    ("0183", "waiting for synchronisation"),
    ("0184", "new primary promoted"),
    ("0185", "switchover finished"),
    ("0186", "switchover cancelled"),
    ("0187", "switchover failed"),
    ("0228", "cluster removed from the global cluster"),
    ("0238", "global failover completed"),
    ("0239", "global failover failed"),
    ("0240", "resynchronisation started"),
    ("0241", "resynchronisation finished"),
    ("0385", "cluster topology changed"),
    ("0390", "writes on the old primary are blocked"),
    ("0391", "blocking writes on the old primary timed out"),
    ("0397", "global writer endpoint changed"),
    ("0423", "waiting for synchronisation"),
];

/// The known events that a text names, as `RDS-EVENT-0184` or, at its beginning, `0184:`, with their words.
pub(crate) fn numbers(text: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    EVENTS.into_iter().filter(move |(number, _)| end_of(text, number).is_some())
}

/// The text with the words behind each number that it names.
pub(crate) fn with_words(text: &str) -> String {
    let mut whole = text.to_owned();
    for (number, words) in numbers(text) {
        if let Some(end) = end_of(&whole, number) {
            whole.insert_str(end, &format!(" ({words})"));
        }
    }
    whole
}

/// Where the number ends in the text.
fn end_of(text: &str, number: &str) -> Option<usize> {
    let whole = format!("RDS-EVENT-{number}");
    let found = text.find(&whole).map(|start| start + whole.len());
    found.or_else(|| text.strip_prefix(number)?.starts_with(':').then_some(number.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_gets_its_words_and_everything_else_stays() {
        for (text, expected) in [
            ("RDS-EVENT-0184", "RDS-EVENT-0184 (new primary promoted)"),
            ("RDS-EVENT-0184 of the old primary", "RDS-EVENT-0184 (new primary promoted) of the old primary"),
            ("0238: publish: renounced", "0238 (global failover completed): publish: renounced"),
            ("RDS-EVENT-0016", "RDS-EVENT-0016"),
            ("schedule: 0184 writes", "schedule: 0184 writes"),
            ("", ""),
        ] {
            assert_eq!(with_words(text), expected);
        }
        let named: Vec<_> =
            numbers("RDS-EVENT-0182 before RDS-EVENT-0181").map(|(number, _)| number).collect();
        assert_eq!(named, ["0181", "0182"]);
    }
}
