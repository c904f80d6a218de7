//! Plots as SVG, drawn by hand: lines over the number of databases, both axes logarithmic.

use std::fmt::Write;

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 70.0;
const BOTTOM: f64 = 40.0;
const TOP: f64 = 30.0;
const RIGHT: f64 = 20.0;
const COLORS: [&str; 4] = ["#1f6feb", "#d1242f", "#8250df", "#1a7f37"];

/// One line of a plot.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

/// Draws the lines; `unit` names the values.
pub(super) fn plot(title: &str, lines: &[Line], unit: impl Fn(f64) -> String) -> String {
    let points = || lines.iter().flat_map(|line| &line.points);
    let (x, y) = (Axis::of(points().map(|it| it.0)), Axis::of(points().map(|it| it.1)));
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\"><text x=\"{LEFT}\" y=\"18\" class=\"title\">{title}</text>"
    );
    for decade in x.decades() {
        let at = place_x(&x, decade);
        put(
            &mut out,
            &format!(
                "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{:.1}\" class=\"grid\"/>",
                HEIGHT - BOTTOM
            ),
        );
        put(
            &mut out,
            &format!(
                "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{decade}</text>",
                HEIGHT - BOTTOM + 16.0
            ),
        );
    }
    for decade in y.decades() {
        let at = place_y(&y, decade);
        put(
            &mut out,
            &format!(
                "<line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" class=\"grid\"/>",
                WIDTH - RIGHT
            ),
        );
        put(
            &mut out,
            &format!(
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                LEFT - 6.0,
                at + 4.0,
                unit(decade)
            ),
        );
    }
    for (line, color) in lines.iter().zip(COLORS.iter().cycle()) {
        draw(&mut out, line, color, &x, &y);
    }
    legend(&mut out, lines);
    out.push_str("</svg>");
    out
}

fn put(out: &mut String, text: &str) {
    out.push_str(text);
}

fn draw(out: &mut String, line: &Line, color: &str, x: &Axis, y: &Axis) {
    let mut path = String::new();
    for (at, (databases, value)) in line.points.iter().enumerate() {
        let command = if at == 0 { 'M' } else { 'L' };
        let (px, py) = (place_x(x, *databases), place_y(y, *value));
        // Writing to a string cannot fail.
        let _ = write!(path, "{command}{px:.1} {py:.1}");
        put(out, &format!("<circle cx=\"{px:.1}\" cy=\"{py:.1}\" r=\"3\" fill=\"{color}\"/>"));
    }
    put(out, &format!("<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>"));
}

fn legend(out: &mut String, lines: &[Line]) {
    let mut at = LEFT + 8.0;
    for (line, color) in lines.iter().zip(COLORS.iter().cycle()) {
        put(
            out,
            &format!(
                "<rect x=\"{at:.1}\" y=\"{:.1}\" width=\"10\" height=\"10\" fill=\"{color}\"/>",
                TOP + 4.0
            ),
        );
        put(out, &format!("<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", at + 14.0, TOP + 13.0, line.name));
        #[expect(clippy::cast_precision_loss, reason = "a short name")]
        let length = line.name.len() as f64;
        at += 30.0 + length * 6.5;
    }
}

/// A logarithmic axis over whole decades.
struct Axis {
    from: i32,
    to: i32,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let (mut least, mut most) = (f64::INFINITY, 1.0_f64);
        for value in values.filter(|value| *value > 0.0) {
            least = least.min(value);
            most = most.max(value);
        }
        let floor = |value: f64| decade_of(value.log10().floor());
        let from = if least.is_finite() { floor(least) } else { 0 };
        Self { from, to: decade_of(most.log10().ceil()).max(from + 1) }
    }

    fn decades(&self) -> impl Iterator<Item = f64> {
        (self.from..=self.to).map(|power| 10_f64.powi(power))
    }

    /// Where a value lies between the ends, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        let power = if value > 0.0 { value.log10() } else { f64::from(self.from) };
        (power - f64::from(self.from)) / f64::from(self.to - self.from)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a power of ten")]
fn decade_of(power: f64) -> i32 {
    power as i32
}

fn place_x(axis: &Axis, value: f64) -> f64 {
    LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT)
}

fn place_y(axis: &Axis, value: f64) -> f64 {
    HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - BOTTOM - TOP)
}
