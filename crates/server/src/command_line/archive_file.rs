//! The file of an archive: after a line that says what it is, a line of JSON for each row of the configuration.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};

use serde::{Deserialize, Serialize};
use switchboard_domain::counted::counted;
use switchboard_domain::ports::{ArchiveRow, ArchivedValue};

use crate::failure::Failure;

/// What the file is.
const ARCHIVE: &str = "switchboard-configuration";
/// The version of its format.
const FORMAT: u32 = 1;
/// The longest file that is read, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    archive: String,
    format: u32,
    /// How many rows follow, so that a file that was cut off is noticed.
    rows: usize,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    table: String,
    row: BTreeMap<String, Value>,
}

/// A value of a row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Value {
    Integer(i64),
    Text(String),
    Null(()),
}

impl From<ArchivedValue> for Value {
    fn from(value: ArchivedValue) -> Self {
        match value {
            ArchivedValue::Integer(number) => Self::Integer(number),
            ArchivedValue::Text(text) => Self::Text(text),
            ArchivedValue::Null => Self::Null(()),
        }
    }
}

impl From<Value> for ArchivedValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Integer(number) => Self::Integer(number),
            Value::Text(text) => Self::Text(text),
            Value::Null(()) => Self::Null,
        }
    }
}

/// The text of an archive.
pub(super) fn text(rows: Vec<ArchiveRow>) -> Result<String, serde_json::Error> {
    let head = Head { archive: ARCHIVE.to_owned(), format: FORMAT, rows: rows.len() };
    let mut text = serde_json::to_string(&head)?;
    text.push('\n');
    for ArchiveRow { table, values } in rows {
        let row = values.into_iter().map(|(column, value)| (column, value.into())).collect();
        let line = serde_json::to_string(&Line { table, row })?;
        // Writing to a text cannot fail.
        let _written = writeln!(text, "{line}");
    }
    Ok(text)
}

/// Reads an archive. Errors name the line, and not its contents.
pub(super) fn rows(path: &str) -> Result<Vec<ArchiveRow>, Failure> {
    let unreadable =
        |error: std::io::Error| Failure::local(format!("{path} cannot be read: {error}"));
    let input: Box<dyn Read> = if path == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(path).map_err(unreadable)?)
    };
    let mut lines = BufReader::new(input.take(MAX_BYTES)).lines();
    let head = lines.next().transpose().map_err(unreadable)?.unwrap_or_default();
    let expected = match serde_json::from_str::<Head>(&head) {
        Ok(head) if head.archive == ARCHIVE && head.format == FORMAT => head.rows,
        Ok(head) if head.archive == ARCHIVE => {
            return Err(Failure::local(format!(
                "{path} has the format {}, and this release reads the format {FORMAT}; export it again with this release",
                head.format
            )));
        }
        _ => {
            return Err(Failure::local(format!(
                "{path} is not an archive; name the file configuration.jsonl that `switchboard export` writes"
            )));
        }
    };
    let mut rows = Vec::new();
    for (number, line) in (2..).zip(lines) {
        let line = line.map_err(unreadable)?;
        let Ok(Line { table, row }) = serde_json::from_str(&line) else {
            return Err(Failure::local(format!("{path} line {number} is not a row of an archive")));
        };
        let values = row.into_iter().map(|(column, value)| (column, value.into())).collect();
        rows.push(ArchiveRow { table, values });
    }
    if rows.len() != expected {
        return Err(Failure::local(format!(
            "{path} has {}, and its first line says {expected}: a part is missing",
            counted(rows.len(), "row")
        )));
    }
    Ok(rows)
}
