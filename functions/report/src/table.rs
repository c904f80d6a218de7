//! The report as text for a terminal: one row a scenario, within 100 columns.

use crate::{
    DISCLAIMER_LINE, PhaseName, Report, Scenario, Verdict,
    format::{count, counted, difference, duration},
};

/// The report as a table for a terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Table {
    /// Whether verdicts are coloured with ANSI codes.
    pub colour: bool,
}

/// What a line of the table is about, for its colour.
#[derive(Clone, Copy)]
enum Tone {
    Dim,
    Good,
    Bad,
}

const WIDTH: usize = 100;
const NAME_WIDTH: usize = 24;
const NOTHING: &str = "\u{2013}";

impl Table {
    /// The table, what failed, the verdict and, for an emulated drill, one line on what that means. Ends with a newline.
    pub fn render(self, report: &Report) -> String {
        let mut lines =
            vec![self.paint(Tone::Dim, &heading()), self.paint(Tone::Dim, &"\u{2500}".repeat(98))];
        lines.extend(report.scenarios.iter().map(|scenario| self.row(scenario)));
        for scenario in report.scenarios.iter().filter(|scenario| scenario.verdict() == Verdict::Fail) {
            lines.push(String::new());
            lines.extend(self.failures(scenario));
        }
        lines.push(String::new());
        lines.push(self.verdict(report));
        if report.emulated {
            lines.push(self.paint(Tone::Dim, DISCLAIMER_LINE));
        }
        lines.join("\n") + "\n"
    }

    fn row(self, scenario: &Scenario) -> String {
        let summary = scenario.summary();
        let writes = summary.writes.as_ref();
        let since_promotion = |phase: &PhaseName| {
            let worst = scenario.worst_between_ms(&PhaseName::Promoted, phase);
            worst.map_or_else(|| NOTHING.to_owned(), difference)
        };
        let cells = cells([
            &writes.map_or_else(|| NOTHING.to_owned(), |writes| duration(writes.outage_ms)),
            &writes.map_or_else(|| NOTHING.to_owned(), |writes| count(writes.acknowledged)),
            &writes.map_or_else(|| NOTHING.to_owned(), |writes| count(writes.lost)),
            &since_promotion(&PhaseName::RecordAccepted),
            &since_promotion(&PhaseName::FirstWrite),
        ]);
        let (tone, verdict) = match summary.verdict {
            Verdict::Pass => (Tone::Good, "pass"),
            Verdict::Fail => (Tone::Bad, "FAIL"),
            Verdict::Unjudged => (Tone::Dim, "by hand"),
        };
        format!(
            "{} {} {cells}",
            fitted(&scenario.name, NAME_WIDTH),
            self.paint(tone, &format!("{verdict:<7}"))
        )
    }

    fn failures(self, scenario: &Scenario) -> Vec<String> {
        let mut lines = vec![self.paint(Tone::Bad, &format!("{} failed:", scenario.name))];
        if scenario.expectations.is_empty() {
            lines.push("  nothing was expected, so nothing was shown".to_owned());
        }
        for missed in scenario.expectations.iter().filter(|expectation| !expectation.pass) {
            lines.extend(wrapped("  \u{2717} ", &missed.name));
            lines.extend(wrapped(
                "    ",
                &format!("expected {}, measured {}", missed.expected, missed.measured),
            ));
        }
        lines
    }

    fn verdict(self, report: &Report) -> String {
        let passed = report.scenarios.iter().filter(|scenario| scenario.verdict().is_pass()).count();
        let (tone, word) = match report.verdict() {
            Verdict::Pass => (Tone::Good, "PASS"),
            Verdict::Fail => (Tone::Bad, "FAIL"),
            Verdict::Unjudged => return format!("PLAYED BY HAND in {}", duration(report.duration_ms)),
        };
        let total = counted(report.scenarios.len() as u64, "scenario", "scenarios");
        format!("{}  {passed} of {total} passed in {}", self.paint(tone, word), duration(report.duration_ms))
    }

    fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            _ if !self.colour => return text.to_owned(),
            Tone::Dim => "2",
            Tone::Good => "1;32",
            Tone::Bad => "1;31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

fn heading() -> String {
    let cells = cells(["outage", "acknowledged", "lost", "promoted\u{2192}record", "promoted\u{2192}write"]);
    format!("{:<NAME_WIDTH$} {:<7} {cells}", "scenario", "verdict")
}

fn cells([outage, acknowledged, lost, record, write]: [&str; 5]) -> String {
    format!("{outage:>11} {acknowledged:>13} {lost:>7} {record:>15} {write:>14}")
}

/// A name in exactly `width` columns.
fn fitted(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return format!("{name:<width$}");
    }
    let kept: String = name.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}\u{2026}")
}

/// A text in lines of at most [`WIDTH`] columns: the first begins with `lead`, the others are indented as far.
fn wrapped(lead: &str, text: &str) -> Vec<String> {
    let indent = " ".repeat(lead.chars().count());
    let mut lines = Vec::new();
    let mut line = lead.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, indent.clone()));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_wrapped_between_words() {
        let lines = wrapped("  \u{2717} ", &"word ".repeat(40));
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        assert!(lines[0].starts_with("  \u{2717} word word") && lines[1].starts_with("    word word"));
    }

    #[test]
    fn a_name_is_cut_to_its_column() {
        assert_eq!(fitted("steady", 8), "steady  ");
        assert_eq!(fitted("duplicate-events", 8), "duplica\u{2026}");
    }

    #[test]
    fn the_disclaimer_fits_one_line() {
        assert!(DISCLAIMER_LINE.chars().count() <= WIDTH);
    }
}
