//! Charts as SVG files that read on light and dark ground; shared by the programs that plot.

use std::error::Error;
use std::ops::Range;
use std::path::Path;

use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::coord::Shift;
use plotters::prelude::*;

/// Where a chart is drawn, in pixels from its upper left corner.
pub type Canvas<'s> = DrawingArea<SVGBackend<'s>, Shift>;

/// What a chart says to those who do not see it; the title stands above the chart too.
pub struct Words {
    pub title: String,
    pub description: String,
}

/// A series of points, joined.
pub struct Line {
    pub name: String,
    pub points: Vec<(f64, f64)>,
    pub style: ShapeStyle,
}

/// An axis: what it measures and in what, from where to where, and how its numbers are written.
pub struct Axis<R> {
    pub name: &'static str,
    pub range: R,
    pub number: fn(&f64) -> String,
}

pub const PAPER: RGBColor = RGBColor(255, 255, 255);
pub const INK: RGBColor = RGBColor(0, 0, 0);

/// What is measured: apart from each other for the colour-blind too, and on either ground.
pub const COLORS: [RGBColor; 5] = [
    RGBColor(15, 99, 116),
    RGBColor(200, 80, 30),
    RGBColor(60, 60, 60),
    RGBColor(120, 70, 160),
    RGBColor(110, 130, 20),
];

/// What stands for a colour where the browser is dark.
const DARK: [(RGBColor, &str); 7] = [
    (PAPER, "#16181d"),
    (INK, "#f2f2f2"),
    (COLORS[0], "#3a93a6"),
    (COLORS[1], "#e8834f"),
    (COLORS[2], "#b4b8bf"),
    (COLORS[3], "#b48ad6"),
    (COLORS[4], "#a9c23f"),
];

/// Lines of more points are drawn without dots.
const DOTTED: usize = 50;

/// The style of the `at`th measured line.
pub fn measured(at: usize) -> ShapeStyle {
    COLORS[at % COLORS.len()].stroke_width(2)
}

/// The letters of a chart.
pub fn letters(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&INK)
}

/// Draws the lines into a file, with a key.
pub fn lines<X>(
    path: &Path,
    words: &Words,
    across: Axis<X>,
    upward: Axis<Range<f64>>,
    lines: &[Line],
) -> Result<(), Box<dyn Error>>
where
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
{
    save(path, (720, 460), words, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(&words.title, letters(18))
            .margin(16)
            .x_label_area_size(48)
            .y_label_area_size(60)
            .build_cartesian_2d(across.range, upward.range)?;
        chart
            .configure_mesh()
            .x_desc(across.name)
            .y_desc(upward.name)
            .x_label_formatter(&across.number)
            .y_label_formatter(&upward.number)
            .label_style(letters(14))
            .light_line_style(TRANSPARENT)
            .draw()?;
        for line in lines {
            let style = line.style;
            // Thin lines are there to compare with; nothing was measured at their points.
            let dots = if style.stroke_width > 1 && line.points.len() <= DOTTED { 4 } else { 0 };
            chart
                .draw_series(LineSeries::new(line.points.iter().copied(), style).point_size(dots))?
                .label(&line.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .label_font(letters(14))
            .border_style(INK)
            .background_style(PAPER)
            .draw()?;
        Ok(())
    })
}

/// Draws a chart into a file, with its words and its dark colours.
pub fn save(
    path: &Path,
    size: (u32, u32),
    words: &Words,
    draw: impl FnOnce(&Canvas) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    area.fill(&PAPER)?;
    draw(&area)?;
    area.present()?;
    drop(area);
    let (head, drawn) = svg.split_once('>').ok_or("the chart could not be drawn")?;
    let [title, description] = [&words.title, &words.description].map(|text| escaped(text));
    let dark = dark_style();
    let whole = format!(
        "{head} role=\"img\">\n<title>{title}</title>\n<desc>{description}</desc>\n<style>{dark}</style>{drawn}"
    );
    Ok(demarche::replace_file(path, whole.as_bytes())?)
}

/// Colours are attributes of the drawn elements, and a style sheet overrides attributes.
fn dark_style() -> String {
    let rules = DARK.map(|(RGBColor(red, green, blue), dark)| {
        let light = format!("#{red:02X}{green:02X}{blue:02X}");
        format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}")
    });
    format!("@media (prefers-color-scheme:dark){{{}}}", rules.concat())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
