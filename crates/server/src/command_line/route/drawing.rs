//! A grid as an SVG: one row per day, and one bar per run of half hours with the same destination.

use std::fmt;

use quick_xml::escape::escape;

/// Colors that color-blind people can distinguish (Okabe and Ito), and lighter variants.
const COLORS: [&str; 14] = [
    "#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#0072b2", "#d55e00", "#a6d8f4",
    "#f5cf80", "#80cfb9", "#e6bcd3", "#80b9d9", "#eaaf80", "#bbbbbb",
];
/// The colors that need white text.
const DARK: [&str; 3] = ["#009e73", "#0072b2", "#d55e00"];

const MARGIN: usize = 24;
/// The width of a day's name.
const LABEL: usize = 124;
/// The width of a half hour.
const CELL: usize = 18;
const ROW: usize = 30;
const BAR: usize = 24;
/// The top of the first row.
const TOP: usize = 100;
/// The approximate width of a letter.
const GLYPH: usize = 7;
const LEGEND_ROW: usize = 24;

/// The content of the drawing.
pub(super) struct Drawing {
    pub(super) title: String,
    pub(super) subtitle: String,
    /// Letters and destinations, in the order of the destinations.
    pub(super) legend: Vec<(char, String)>,
    /// Days and their half hours.
    pub(super) rows: Vec<(String, Vec<Run>)>,
}

/// Consecutive half hours with the same destinations.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Indexes into the legend: none where clocks skip the half hours, two where they repeat them.
    pub(super) destinations: Vec<usize>,
    /// The number of half hours.
    pub(super) length: usize,
}

impl Drawing {
    fn width() -> usize {
        2 * MARGIN + LABEL + 48 * CELL
    }

    fn legend_top(&self) -> usize {
        TOP + self.rows.len() * ROW + 24
    }

    fn height(&self) -> usize {
        self.legend_top() + self.legend.len().div_ceil(2) * LEGEND_ROW + MARGIN
    }

    fn color(destination: usize) -> &'static str {
        COLORS[destination % COLORS.len()]
    }

    fn axis(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bottom = TOP + self.rows.len() * ROW;
        for hour in (0..=24).step_by(2) {
            let x = MARGIN + LABEL + hour * 2 * CELL;
            writeln!(
                f,
                r##"<line x1="{x}" y1="{}" x2="{x}" y2="{bottom}" stroke="#d0d0d0"/>"##,
                TOP - 6
            )?;
            writeln!(
                f,
                r#"<text x="{x}" y="{}" text-anchor="middle" class="hour">{hour:02}:00</text>"#,
                TOP - 12
            )?;
        }
        Ok(())
    }

    fn row(
        &self,
        f: &mut fmt::Formatter<'_>,
        row: usize,
        label: &str,
        runs: &[Run],
    ) -> fmt::Result {
        let y = TOP + row * ROW + (ROW - BAR) / 2;
        let base = y + BAR / 2 + 5;
        writeln!(f, r#"<text x="{MARGIN}" y="{base}" class="day">{}</text>"#, escape(label))?;
        let mut x = MARGIN + LABEL;
        for run in runs {
            let width = run.length * CELL;
            self.bar(f, run, (x, y, width))?;
            x += width;
        }
        Ok(())
    }

    fn bar(
        &self,
        f: &mut fmt::Formatter<'_>,
        run: &Run,
        (x, y, width): (usize, usize, usize),
    ) -> fmt::Result {
        if run.destinations.is_empty() {
            return writeln!(
                f,
                r##"<rect x="{x}" y="{y}" width="{width}" height="{BAR}" fill="url(#skipped)" stroke="#999999"/>"##
            );
        }
        // What comes twice is drawn twice, one above the other.
        let height = BAR / run.destinations.len();
        for (index, destination) in run.destinations.iter().enumerate() {
            writeln!(
                f,
                r##"<rect x="{x}" y="{}" width="{width}" height="{height}" fill="{}" stroke="#ffffff"/>"##,
                y + index * height,
                Self::color(*destination)
            )?;
        }
        let [only] = run.destinations.as_slice() else { return Ok(()) };
        let Some((letter, name)) = self.legend.get(*only) else { return Ok(()) };
        let is_dark = DARK.contains(&Self::color(*only));
        let class = if is_dark { "light" } else { "dark" };
        let fits = (name.chars().count() + 2) * GLYPH <= width;
        let text = if fits { name.clone() } else { letter.to_string() };
        let (middle, base) = (x + width / 2, y + BAR / 2 + 4);
        writeln!(
            f,
            r#"<text x="{middle}" y="{base}" text-anchor="middle" class="{class}">{}</text>"#,
            escape(text.as_str())
        )
    }

    fn legend(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = (Self::width() - 2 * MARGIN) / 2;
        for (index, (letter, name)) in self.legend.iter().enumerate() {
            let x = MARGIN + (index % 2) * column;
            let y = self.legend_top() + (index / 2) * LEGEND_ROW;
            let color = Self::color(index);
            writeln!(f, r#"<rect x="{x}" y="{y}" width="16" height="16" rx="2" fill="{color}"/>"#)?;
            writeln!(
                f,
                r#"<text x="{}" y="{}" class="day">{letter}  {}</text>"#,
                x + 24,
                y + 13,
                escape(name.as_str())
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (width, height) = (Self::width(), self.height());
        writeln!(
            f,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{}">"#,
            escape(self.title.as_str())
        )?;
        f.write_str(STYLE)?;
        writeln!(f, r##"<rect width="{width}" height="{height}" fill="#ffffff"/>"##)?;
        writeln!(
            f,
            r#"<text x="{MARGIN}" y="38" class="title">{}</text>"#,
            escape(self.title.as_str())
        )?;
        writeln!(
            f,
            r#"<text x="{MARGIN}" y="60" class="hour">{}</text>"#,
            escape(self.subtitle.as_str())
        )?;
        self.axis(f)?;
        for (row, (label, runs)) in self.rows.iter().enumerate() {
            self.row(f, row, label, runs)?;
        }
        self.legend(f)?;
        f.write_str("</svg>\n")
    }
}

const STYLE: &str = r##"<style>
text { font-family: system-ui, "Segoe UI", "DejaVu Sans", Arial, sans-serif; font-size: 13px; fill: #222222; }
.title { font-size: 19px; font-weight: 600; }
.hour { font-size: 12px; fill: #666666; }
.dark { font-size: 12px; }
.light { font-size: 12px; fill: #ffffff; }
</style>
<defs><pattern id="skipped" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#ffffff"/><line x1="0" y1="0" x2="0" y2="6" stroke="#bbbbbb" stroke-width="2"/></pattern></defs>
"##;

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::{Drawing, Run};

    #[test]
    fn a_drawing_is_xml_whatever_destinations_are_named() {
        let runs = vec![
            Run { destinations: vec![0], length: 20 },
            Run { destinations: Vec::new(), length: 2 },
            Run { destinations: vec![0, 1], length: 2 },
            Run { destinations: vec![1], length: 24 },
        ];
        let drawing = Drawing {
            title: "Q & <A>".to_owned(),
            subtitle: "\"quoted\"".to_owned(),
            legend: vec![('A', "<script>".to_owned()), ('B', "R&D".to_owned())],
            rows: vec![("mon 2026-11-23".to_owned(), runs)],
        };
        let text = drawing.to_string();
        let mut reader = Reader::from_str(&text);
        let mut bars = 0;
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Empty(element) if element.name().as_ref() == "rect" => bars += 1,
                Event::Start(element) => assert_ne!(element.name().as_ref(), "script"),
                _ => {}
            }
        }
        // The paper, the hatching, two bars, one that is skipped, two halves, and two of the legend.
        assert_eq!(bars, 9, "{text}");
    }
}
