//! The output of commands: tables and sentences for people, JSON for programs; lists page by page, one JSON object in a
//! line.

use std::io::{self, BufWriter, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, Table, Width};
use serde::Serialize;
use switchboard_domain::printable;
use terminal_size::terminal_size_of;

use super::table::{self, Layout};
use crate::failure::Failure;

/// Something that is printed as a table row or as a JSON object.
pub(crate) trait View: Serialize {
    /// The column headers.
    const COLUMNS: &'static [&'static str];

    /// The columns that a narrow terminal does not cut: what people copy into other commands, and times.
    const WHOLE: &'static [usize] = &[0];

    /// The columns that a narrow terminal leaves out, in this order. `--json` has all of them.
    const OPTIONAL: &'static [usize] = &[];

    /// The cells, one per column.
    fn cells(&self) -> Vec<String>;
}

/// The output format of a command.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Format {
    /// Print JSON instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

impl Format {
    /// Prints one result: JSON, or the sentence.
    pub(crate) fn print(
        self,
        json: &impl Serialize,
        sentence: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let mut out = BufWriter::new(io::stdout().lock());
        let written = if self.json {
            serde_json::to_writer_pretty(&mut out, json)
                .map_err(io::Error::from)
                .and_then(|()| out.write_all(b"\n"))
        } else {
            writeln!(out, "{}", printable::lines(&sentence()))
        };
        written.and_then(|()| out.flush()).map_err(Failure::Output)
    }
}

impl Format {
    /// Prints results that are no table: JSON with one result in each line, or the sentences.
    pub(crate) fn print_each(
        self,
        results: &[impl Serialize],
        sentences: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if !self.json {
            return self.print(&(), sentences);
        }
        let mut out = BufWriter::new(io::stdout().lock());
        write_lines(&mut out, results).and_then(|()| out.flush()).map_err(Failure::Output)
    }
}

/// Writes one JSON object in each line.
fn write_lines(out: &mut impl Write, objects: &[impl Serialize]) -> io::Result<()> {
    for object in objects {
        serde_json::to_writer(&mut *out, object)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Prints a list page by page.
pub(crate) struct ListWriter<W: Write> {
    out: W,
    json: bool,
    count: u64,
    /// The widest cell of each column so far.
    widths: Vec<usize>,
    /// The layout of the last page.
    layout: Option<Layout>,
    /// The columns of the terminal; `None` if the output is not a terminal, where nothing is cut.
    room: Option<usize>,
}

impl ListWriter<BufWriter<io::StdoutLock<'static>>> {
    /// A list on standard output.
    pub(crate) fn stdout(format: Format) -> Self {
        let room = terminal_size_of(io::stdout()).map(|(columns, _)| usize::from(columns.0));
        Self::new(BufWriter::new(io::stdout().lock()), format, room)
    }
}

impl<W: Write> ListWriter<W> {
    fn new(out: W, format: Format, room: Option<usize>) -> Self {
        let json = format.json;
        Self { out, json, count: 0, widths: Vec::new(), layout: None, room }
    }

    /// Prints one page.
    pub(crate) fn page<V: View>(&mut self, views: &[V]) -> Result<(), Failure> {
        if views.is_empty() {
            return Ok(());
        }
        let written = if self.json { write_lines(&mut self.out, views) } else { self.rows(views) };
        self.count += views.len() as u64;
        written.and_then(|()| self.out.flush()).map_err(Failure::Output)
    }

    /// Ends the list. People get a hint about an empty one.
    pub(crate) fn end(mut self, hint: &str) -> Result<(), Failure> {
        let is_empty = self.count == 0 && !self.json;
        let written = if is_empty { writeln!(self.out, "{hint}") } else { Ok(()) };
        written.and_then(|()| self.out.flush()).map_err(Failure::Output)
    }

    fn rows<V: View>(&mut self, views: &[V]) -> io::Result<()> {
        let rows = views.iter().map(|view| {
            let cells = view.cells();
            cells.iter().map(|cell| printable::one_line(cell).into_owned()).collect::<Vec<_>>()
        });
        let rows: Vec<Vec<String>> = rows.collect();
        self.widths.resize(V::COLUMNS.len(), 0);
        for row in rows
            .iter()
            .map(|row| row.iter().map(|cell| table::width(cell)).collect())
            .chain([V::COLUMNS.iter().map(|header| table::width(header)).collect::<Vec<_>>()])
        {
            for (widest, width) in self.widths.iter_mut().zip(row) {
                *widest = width.max(*widest);
            }
        }
        let fresh = table::layout(&self.widths, V::WHOLE, V::OPTIONAL, self.room);
        let layout = match self.layout.take() {
            // The header is printed once, so later pages keep its columns, even if they need more room.
            Some(previous) if !previous.has_columns_of(&fresh) => previous,
            _ => fresh,
        };
        match self.layout.insert(layout).clone() {
            Layout::Blocks => self.blocks::<V>(&rows),
            Layout::Rows(widths) => self.table::<V>(&rows, &widths),
        }
    }

    fn table<V: View>(&mut self, rows: &[Vec<String>], widths: &[usize]) -> io::Result<()> {
        let cut = |cells: &mut dyn Iterator<Item = &str>| {
            let shown = cells.zip(widths).enumerate().filter(|(_, (_, width))| **width > 0);
            let cells = shown.map(|(column, (cell, width))| {
                if V::WHOLE.contains(&column) { cell.to_owned() } else { table::cut(cell, *width) }
            });
            cells.collect::<Vec<_>>()
        };
        let mut table = Table::new();
        table.load_style(NOTHING);
        if self.count == 0 {
            table.set_header(cut(&mut V::COLUMNS.iter().copied()));
        }
        for row in rows {
            table.add_row(cut(&mut row.iter().map(String::as_str)));
        }
        let shown = widths.iter().filter(|width| **width > 0);
        for (column, width) in table.column_iter_mut().zip(shown) {
            column.set_padding((0, 2));
            let width = u16::try_from(width + table::GAP).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
        }
        for line in table.lines() {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn blocks<V: View>(&mut self, rows: &[Vec<String>]) -> io::Result<()> {
        let room = self.room.unwrap_or_default();
        for (index, row) in rows.iter().enumerate() {
            if self.count > 0 || index > 0 {
                writeln!(self.out)?;
            }
            for line in table::block(V::COLUMNS, row, room) {
                writeln!(self.out, "{line}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::{Format, ListWriter, View};

    #[derive(Serialize)]
    struct Pet(&'static str);

    impl View for Pet {
        const COLUMNS: &'static [&'static str] = &["NAME", "LEGS"];

        fn cells(&self) -> Vec<String> {
            vec![self.0.to_owned(), "4".to_owned()]
        }
    }

    const JSON: Format = Format { json: true };
    const TABLE: Format = Format { json: false };

    fn written(format: Format, pages: &[&[Pet]]) -> String {
        shown(format, None, pages)
    }

    fn shown(format: Format, room: Option<usize>, pages: &[&[Pet]]) -> String {
        let mut out = Vec::new();
        let mut list = ListWriter::new(&mut out, format, room);
        for page in pages {
            list.page(page).unwrap();
        }
        list.end("no pets").unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_object_is_a_line() {
        let text = written(JSON, &[&[Pet("Rex"), Pet("T\nm")], &[Pet("Leo")]]);
        assert_eq!(text, "\"Rex\"\n\"T\\nm\"\n\"Leo\"\n");
        assert_eq!(written(JSON, &[]), "");
    }

    #[test]
    fn a_cell_steers_no_terminal() {
        let text = written(TABLE, &[&[Pet("R\u{1b}]0;x\u{7}ex\n\u{202e}")]]);
        assert!(text.contains("R\u{fffd}]0;x\u{fffd}ex \u{fffd}  "), "{text:?}");
        assert_eq!(text.lines().count(), 2, "{text:?}");
    }

    #[test]
    fn entries_become_blocks_on_a_narrow_terminal() {
        let text = shown(TABLE, Some(10), &[&[Pet("Alexander")], &[Pet("Tom")]]);
        assert_eq!(text, "NAME  Alexande\n      r\nLEGS  4\n\nNAME  Tom\nLEGS  4\n");
    }

    #[test]
    fn a_wider_page_keeps_the_columns_of_the_header() {
        const ROOM: Option<usize> = Some(14);
        let text =
            shown(TABLE, ROOM, &[&[Pet("Tom")], &[Pet("Alexander the Great")], &[Pet("Leo")]]);
        let rows = ["NAME  LEGS", "Tom   4", "Alexander the Great  4", "Leo   4"];
        assert_eq!(text.lines().collect::<Vec<_>>(), rows);
    }

    #[test]
    fn pages_join_to_one_table() {
        let text = written(TABLE, &[&[Pet("Alexander")], &[Pet("Tom")]]);
        assert_eq!(text, "NAME       LEGS\nAlexander  4\nTom        4\n");
        assert_eq!(written(TABLE, &[]), "no pets\n");
    }
}
