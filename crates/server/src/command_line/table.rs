//! How a table fits a terminal: columns are cut and left out, and on a very narrow terminal each entry is printed as lines.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Spaces between columns.
pub(super) const GAP: usize = 2;
/// Columns are cut to this width at least.
const LEAST: usize = 8;

/// How the entries of a list are printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// As rows, with these column widths; 0 for a column that is left out.
    Rows(Vec<usize>),
    /// As blocks of lines, one for each column, because rows would be cut too much.
    Blocks,
}

impl Layout {
    /// Whether both show the same columns as rows, or both show blocks.
    pub(super) fn has_columns_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Rows(ours), Self::Rows(theirs)) => {
                ours.iter().map(|width| *width > 0).eq(theirs.iter().map(|width| *width > 0))
            }
            (Self::Blocks, Self::Blocks) => true,
            (Self::Rows(_), Self::Blocks) | (Self::Blocks, Self::Rows(_)) => false,
        }
    }
}

/// The layout of columns with these natural widths. Columns are cut, except those of `whole`. If that does not suffice,
/// the columns of `optional` are left out, one after the other. Nothing is cut without a terminal, whose width is the room.
pub(super) fn layout(
    natural: &[usize],
    whole: &[usize],
    optional: &[usize],
    room: Option<usize>,
) -> Layout {
    let Some(room) = room else { return Layout::Rows(natural.to_vec()) };
    let mut natural = natural.to_vec();
    let mut optional = optional.iter();
    loop {
        if let Some(widths) = fitted(&natural, whole, room) {
            return Layout::Rows(widths);
        }
        let Some(column) = optional.next() else { return Layout::Blocks };
        if let Some(width) = natural.get_mut(*column) {
            *width = 0;
        }
    }
}

/// The widths of the columns when the widest ones are cut; `None` if they do not fit.
fn fitted(natural: &[usize], whole: &[usize], room: usize) -> Option<Vec<usize>> {
    let mut widths = natural.to_vec();
    let total = |widths: &[usize]| {
        let shown = widths.iter().filter(|width| **width > 0).count();
        widths.iter().sum::<usize>() + GAP * shown.saturating_sub(1)
    };
    while total(&widths) > room {
        let widest = (0..widths.len())
            .filter(|column| !whole.contains(column))
            .filter_map(|column| Some((*widths.get(column)?, column)))
            .filter(|(width, _)| *width > LEAST)
            .max();
        let (_, column) = widest?;
        *widths.get_mut(column)? -= 1;
    }
    Some(widths)
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
    fn the_widest_columns_are_cut_and_never_the_whole_ones() {
        let natural = [34, 20, 34, 20];
        let rows = |widths: [usize; 4]| Layout::Rows(widths.to_vec());
        assert_eq!(layout(&natural, &[0], &[], None), rows(natural));
        assert_eq!(layout(&natural, &[0], &[], Some(200)), rows(natural));
        assert_eq!(layout(&natural, &[0], &[], Some(80)), rows([34, 14, 13, 13]));
        assert_eq!(layout(&natural, &[0], &[], Some(40)), Layout::Blocks);
        assert_eq!(layout(&[], &[0], &[], Some(40)), Layout::Rows(Vec::new()));
    }

    #[test]
    fn optional_columns_are_left_out_in_their_order_if_cutting_does_not_suffice() {
        let natural = [34, 20, 34, 20];
        let rows = |widths: [usize; 4]| Layout::Rows(widths.to_vec());
        let fitted = |room| layout(&natural, &[0, 1], &[3, 2], Some(room));
        assert_eq!(fitted(80), rows([34, 20, 10, 10]));
        assert_eq!(fitted(70), rows([34, 20, 12, 0]));
        assert_eq!(fitted(56), rows([34, 20, 0, 0]));
        assert_eq!(fitted(55), Layout::Blocks);
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
