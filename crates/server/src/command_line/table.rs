//! How a table fits a terminal: columns are cut, and on a very narrow terminal each entry is printed as lines.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Spaces between columns.
pub(super) const GAP: usize = 2;
/// Columns are cut to this width at least.
const LEAST: usize = 8;

/// How the entries of a list are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// As rows, with these column widths.
    Rows(Vec<usize>),
    /// As blocks of lines, one for each column, because rows would be cut too much.
    Blocks,
}

/// The layout of columns with these natural widths. The key column is never cut, because people copy from it. Nothing is
/// cut without a terminal, whose width is the room.
pub(super) fn layout(natural: &[usize], key: usize, room: Option<usize>) -> Layout {
    let mut widths = natural.to_vec();
    let Some(room) = room else { return Layout::Rows(widths) };
    let total =
        |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
    while total(&widths) > room {
        let widest = (0..widths.len())
            .filter(|&column| column != key)
            .filter_map(|column| Some((*widths.get(column)?, column)))
            .filter(|(width, _)| *width > LEAST)
            .max();
        let Some((_, column)) = widest else { return Layout::Blocks };
        if let Some(width) = widths.get_mut(column) {
            *width -= 1;
        }
    }
    Layout::Rows(widths)
}

/// The columns that a text takes on a terminal: wide characters take two.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// A text that takes at most this many columns; a longer one ends with an ellipsis.
pub(super) fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut taken = 0;
    for character in text.chars() {
        taken += character.width().unwrap_or(0);
        if taken >= most {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    cut
}

/// An entry as lines of at most `room` columns: each header with its value. Long values go on below.
pub(super) fn block(headers: &[&str], cells: &[String], room: usize) -> Vec<String> {
    let label = headers.iter().map(|header| width(header)).max().unwrap_or(0) + GAP;
    let room = room.saturating_sub(label).max(LEAST);
    let mut lines = Vec::new();
    for (header, cell) in headers.iter().zip(cells) {
        let mut parts = vec![String::new()];
        let mut taken = 0;
        for character in cell.chars() {
            let columns = character.width().unwrap_or(0);
            if taken + columns > room {
                parts.push(String::new());
                taken = 0;
            }
            taken += columns;
            if let Some(part) = parts.last_mut() {
                part.push(character);
            }
        }
        for (index, part) in parts.iter().enumerate() {
            let header = if index == 0 { header } else { "" };
            lines.push(format!("{header:label$}{part}").trim_end().to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Layout, block, cut, layout, width};

    #[test]
    fn the_widest_columns_are_cut_and_never_the_key() {
        let natural = [34, 20, 34, 20];
        assert_eq!(layout(&natural, 0, None), Layout::Rows(natural.to_vec()));
        assert_eq!(layout(&natural, 0, Some(200)), Layout::Rows(natural.to_vec()));
        assert_eq!(layout(&natural, 0, Some(80)), Layout::Rows(vec![34, 14, 13, 13]));
        assert_eq!(layout(&natural, 0, Some(40)), Layout::Blocks);
        assert_eq!(layout(&[], 0, Some(40)), Layout::Rows(Vec::new()));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(cut("東京デスク", 6), "東京…");
        assert_eq!(width(&cut("東京デスク", 7)), 7);
        assert_eq!((cut("Sales", 5), cut("Sales", 4)), ("Sales".to_owned(), "Sal…".to_owned()));
    }

    #[test]
    fn a_block_keeps_every_character_and_fits() {
        let cells = ["AC0123456789abcdef0123456789abcdef".to_owned(), "東京デスク".repeat(5)];
        let lines = block(&["SID", "NAME"], &cells, 20);
        assert!(lines.iter().all(|line| width(line) <= 20), "{lines:?}");
        let text: String = lines.iter().map(|line| line.get(6..).unwrap()).collect();
        assert_eq!(text, cells.concat());
    }
}
