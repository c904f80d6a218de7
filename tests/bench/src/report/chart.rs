//! Lines over the number of databases, both axes logarithmic.

use plotters::prelude::*;

const SIZE: (u32, u32) = (560, 320);
const COLORS: [RGBColor; 3] = [BLUE, RED, MAGENTA];

/// One line.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

/// Draws the lines as SVG; `unit` names the values. `None` when there is nothing to draw.
pub(super) fn chart(title: &str, lines: &[Line], unit: &dyn Fn(f64) -> String) -> Option<String> {
    let points = || lines.iter().flat_map(|line| line.points.iter().copied());
    let (x, y) = (decades(points().map(|it| it.0))?, decades(points().map(|it| it.1))?);
    let mut svg = String::new();
    draw(&mut svg, title, lines, unit, (x, y)).ok()?;
    Some(svg)
}

type Bounds = std::ops::Range<f64>;

fn draw(
    svg: &mut String,
    title: &str,
    lines: &[Line],
    unit: &dyn Fn(f64) -> String,
    (x, y): (Bounds, Bounds),
) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let floor = y.start;
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 15))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(64)
        .build_cartesian_2d(x.log_scale(), y.log_scale())?;
    let value = |it: &f64| unit(*it);
    chart.configure_mesh().light_line_style(TRANSPARENT).y_label_formatter(&value).draw()?;
    for (line, color) in lines.iter().zip(COLORS.iter().cycle()) {
        // A logarithmic axis has no zero.
        let points = line.points.iter().map(|(x, y)| (*x, y.max(floor)));
        let series = chart.draw_series(LineSeries::new(points, color.stroke_width(2)).point_size(3))?;
        series
            .label(line.name)
            .legend(move |(x, y)| Rectangle::new([(x, y - 4), (x + 8, y + 4)], color.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .border_style(BLACK.mix(0.2))
        .draw()?;
    root.present()?;
    Ok(())
}

/// The whole decades around what is above zero; `None` when nothing is.
fn decades(values: impl Iterator<Item = f64>) -> Option<Bounds> {
    let above: Vec<f64> = values.filter(|value| *value > 0.0).collect();
    let least = above.iter().copied().reduce(f64::min)?;
    let most = above.iter().copied().reduce(f64::max)?;
    let (from, to) = (least.log10().floor(), most.log10().ceil());
    Some(10_f64.powf(from)..10_f64.powf(to.max(from + 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_is_whole_decades() {
        assert_eq!(decades([20.0, 0.0, 5_000.0].into_iter()), Some(10.0..10_000.0));
        assert_eq!(decades([1.0].into_iter()), Some(1.0..10.0));
        assert_eq!(decades([0.0].into_iter()), None);
    }
}
