//! Figures as people read them.

/// A time in milliseconds as text: `640 ms`, `2.21 s`, `14.5 s`, `1 min 04 s`.
pub(crate) fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        // Rounding must not print "10.00 s" where the next line prints "10.0 s".
        1_000..9_995 => hundredths(ms),
        9_995..59_950 => tenths(ms),
        _ => {
            let seconds = ms.saturating_add(500) / 1_000;
            format!("{} min {:02} s", seconds / 60, seconds % 60)
        }
    }
}

fn hundredths(ms: u64) -> String {
    let rounded = ms.saturating_add(5) / 10;
    format!("{}.{:02} s", rounded / 100, rounded % 100)
}

fn tenths(ms: u64) -> String {
    let rounded = ms.saturating_add(50) / 100;
    format!("{}.{} s", rounded / 10, rounded % 10)
}

/// A difference of two times in milliseconds, as text; negative when the second came first.
pub(crate) fn difference(ms: i64) -> String {
    let text = duration(ms.unsigned_abs());
    if ms < 0 { format!("\u{2212}{text}") } else { text }
}

/// A moment from the scenario's start in milliseconds, to the hundredth of a second: `2.21 s`.
pub(crate) fn moment(ms: u64) -> String {
    hundredths(ms)
}

/// A count with its thousands apart: `5,123`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and its noun, in the plural unless it is one.
pub(crate) fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}

/// A time in milliseconds as a coordinate. Beyond 49 days it stays where it is, which no drawing can show anyway.
pub(crate) fn as_f64(ms: u64) -> f64 {
    f64::from(u32::try_from(ms).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_precision_that_they_deserve() {
        let shown = [0, 640, 999, 1_000, 2_214, 9_994, 9_995, 14_540, 59_949, 59_950, 64_400, 3_600_000]
            .map(duration);
        let expected = [
            "0 ms",
            "640 ms",
            "999 ms",
            "1.00 s",
            "2.21 s",
            "9.99 s",
            "10.0 s",
            "14.5 s",
            "59.9 s",
            "1 min 00 s",
            "1 min 04 s",
            "60 min 00 s",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn differences_keep_their_sign() {
        assert_eq!(difference(120), "120 ms");
        assert_eq!(difference(-120), "\u{2212}120 ms");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [0, 12, 999, 1_000, 5_123, 1_234_567].map(count),
            ["0", "12", "999", "1,000", "5,123", "1,234,567"]
        );
    }
}
