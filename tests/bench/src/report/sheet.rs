//! One table, for the terminal and for the page.

use std::fmt::Write;

use maud::{Markup, html};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    /// Words.
    Words(&'static str),
    /// Figures.
    Figures(&'static str),
    /// Words that are too long for a terminal.
    Long(&'static str),
}

/// A table.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    title: &'static str,
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

impl Column {
    const fn head(self) -> &'static str {
        match self {
            Self::Words(head) | Self::Figures(head) | Self::Long(head) => head,
        }
    }

    const fn class(self) -> &'static str {
        if matches!(self, Self::Figures(_)) { "figure" } else { "" }
    }
}

impl Sheet {
    pub(super) fn new(title: &'static str) -> Self {
        Self { title, ..Self::default() }
    }

    pub(super) fn words(mut self, head: &'static str) -> Self {
        self.columns.push(Column::Words(head));
        self
    }

    pub(super) fn figures(mut self, heads: impl IntoIterator<Item = &'static str>) -> Self {
        self.columns.extend(heads.into_iter().map(Column::Figures));
        self
    }

    pub(super) fn long(mut self, head: &'static str) -> Self {
        self.columns.push(Column::Long(head));
        self
    }

    /// With a row of cells, of which there is one a column.
    pub(super) fn rows(mut self, rows: impl Iterator<Item = Vec<String>>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// For a terminal; nothing of it without rows.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        if self.rows.is_empty() {
            return out;
        }
        let width = |at: usize, column: Column| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            cells.map(|cell| cell.chars().count()).fold(column.head().chars().count(), usize::max)
        };
        let widths: Vec<usize> = self.columns.iter().enumerate().map(|(at, it)| width(at, *it)).collect();
        let heads: Vec<String> = self.columns.iter().map(|it| it.head().to_owned()).collect();
        let mut line = |cells: &[String]| {
            for ((cell, column), width) in cells.iter().zip(&self.columns).zip(&widths) {
                // Writing to a string cannot fail.
                let _ = match column {
                    Column::Words(_) => write!(out, "{cell:<width$}  "),
                    Column::Figures(_) => write!(out, "{cell:>width$}  "),
                    Column::Long(_) => Ok(()),
                };
            }
            out.truncate(out.trim_end().len());
            out.push('\n');
        };
        line(&heads);
        self.rows.iter().for_each(|row| line(row));
        format!("{}\n{out}\n", self.title)
    }

    /// For the page.
    pub(super) fn markup(&self) -> Markup {
        html! {
            h3 { (self.title) }
            table class="summary" {
                thead { tr { @for column in &self.columns { th class=(column.class()) { (column.head()) } } } }
                tbody {
                    @for row in &self.rows {
                        tr { @for (cell, column) in row.iter().zip(&self.columns) { td class=(column.class()) { (styled(cell)) } } }
                    }
                }
            }
        }
    }
}

/// A verdict stands out.
fn styled(cell: &str) -> Markup {
    let class = match cell {
        "met" => "badge pass",
        "NOT MET" => "badge fail",
        _ => return html! { (cell) },
    };
    html! { span class=(class) { (cell) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [row(["a < b", "1", "x"]), row(["c", "22 ms", "y"])];
        Sheet::new("one").words("who").figures(["time"]).long("calls").rows(rows.into_iter())
    }

    #[test]
    fn a_terminal_sees_aligned_columns_without_the_long_ones() {
        assert_eq!(sheet().text(), "one\nwho     time\na < b      1\nc      22 ms\n\n");
        assert_eq!(Sheet::new("empty").words("who").text(), "");
    }

    #[test]
    fn the_page_has_them_all_escaped() {
        let page = sheet().markup().into_string();
        assert!(page.contains("a &lt; b") && page.contains("<th class=\"\">calls</th>"), "{page}");
    }
}
