//! Labels that do not cover one another.

/// How wide a text is, in user units, at a size: a little more than the usual sans-serif faces need.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| char_width(c) * size).sum()
}

fn char_width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | ':' | ';' | '\'' | '|' | '(' | ')'
        | '-' => 0.36,
        'm' | 'w' | 'M' | 'W' | '\u{2026}' | '\u{2192}' => 0.92,
        'A'..='Z' => 0.72,
        _ if c.is_ascii() => 0.6,
        // Anything else may be as wide as it is high.
        _ => 1.0,
    }
}

/// The beginning of a text that fits `room` user units at a size, with an ellipsis when it was cut; none when not even a
/// few characters would be left.
pub(crate) fn elided(text: &str, size: f64, room: f64) -> Option<String> {
    const FEWEST: usize = 4;
    if text_width(text, size) <= room {
        return Some(text.to_owned());
    }
    let mut kept = String::new();
    let mut used = text_width("\u{2026}", size);
    for c in text.chars() {
        used += char_width(c) * size;
        if used > room {
            break;
        }
        kept.push(c);
    }
    let kept = kept.trim_end();
    (kept.chars().count() >= FEWEST).then(|| format!("{kept}\u{2026}"))
}

/// Where a label was placed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    /// The row, counted from the top.
    pub(crate) row: u32,
    /// The left end of the text.
    pub(crate) left: f64,
    /// The right end of the text.
    pub(crate) right: f64,
}

/// Places labels of the given (position, width), sorted by position, beside their vertical lines within `limit`.
///
/// Each text stands to the right of its line, in the row under the lowest earlier text that still reaches it. So no two
/// texts overlap, and no line, which runs from its own text down, crosses an earlier text: it begins below that. Only
/// a text that would leave the drawing is moved to the left, below all the others.
pub(crate) fn place(labels: &[(f64, f64)], gap: f64, limit: f64) -> Vec<Placed> {
    let mut placed: Vec<Placed> = Vec::with_capacity(labels.len());
    for (x, width) in labels.iter().copied() {
        let fits = x + gap + width <= limit;
        let left = if fits { x + gap } else { (limit - width).max(0.0) };
        // A text that was moved left stands across lines, which run down from their own rows.
        let reaches = |other: &Placed| !fits || other.right + gap > x;
        let row = placed.iter().filter(|other| reaches(other)).map(|other| other.row + 1).max().unwrap_or(0);
        placed.push(Placed { row, left, right: left + width });
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: f64 = 5.0;
    const LIMIT: f64 = 900.0;

    fn overlap(a: &Placed, b: &Placed) -> bool {
        a.row == b.row && a.left < b.right && b.left < a.right
    }

    #[test]
    fn labels_far_apart_share_the_first_row() {
        let placed = place(&[(10.0, 80.0), (200.0, 80.0), (400.0, 80.0)], GAP, LIMIT);
        assert!(placed.iter().all(|label| label.row == 0));
    }

    #[test]
    fn a_cluster_becomes_a_staircase() {
        let placed = place(&[(10.0, 80.0), (12.0, 80.0), (14.0, 80.0), (300.0, 80.0)], GAP, LIMIT);
        assert_eq!(placed.iter().map(|label| label.row).collect::<Vec<_>>(), [0, 1, 2, 0]);
    }

    #[test]
    fn nothing_overlaps_or_leaves_the_drawing_however_they_come() {
        // A small generator of its own: the same numbers in every run.
        let mut state = 7_u32;
        let mut next = move |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from((state >> 8) % below)
        };
        for _ in 0..500 {
            let mut labels: Vec<_> = (0..10).map(|_| (next(900), 40.0 + next(120))).collect();
            labels.sort_by(|a, b| a.0.total_cmp(&b.0));
            let placed = place(&labels, GAP, LIMIT);
            for (index, one) in placed.iter().enumerate() {
                assert!(one.left >= 0.0 && one.right <= LIMIT, "{labels:?}");
                assert!(placed[..index].iter().all(|other| !overlap(one, other)), "{labels:?}");
            }
            for (index, text) in placed.iter().enumerate() {
                let later = placed[index + 1..].iter().zip(&labels[index + 1..]);
                let crossed =
                    later.filter(|(line, (x, _))| line.row < text.row && text.left < *x && *x < text.right);
                assert_eq!(crossed.count(), 0, "{labels:?}");
            }
        }
    }

    #[test]
    fn texts_are_cut_to_their_room_or_left_out() {
        assert_eq!(elided("short", 10.0, 200.0).as_deref(), Some("short"));
        let cut = elided("a rather long description", 10.0, 80.0).unwrap();
        assert!(cut.ends_with('\u{2026}') && text_width(&cut, 10.0) <= 80.0, "{cut}");
        assert_eq!(elided("a rather long description", 10.0, 20.0), None);
    }
}
