//! Reads CSV files into rows of text, and collects mistakes in the files themselves.

use std::sync::Arc;

use csv::{ErrorKind, ReaderBuilder, StringRecord};
use switchboard_application_management::Problems;
use switchboard_domain::counted::counted;
use switchboard_domain::ports::{
    AccountRow, AgentColumns, AgentRow, ImportRow, ImportRows, ImportTable, NumberRow, RowKey,
};
use switchboard_domain::secret::Secret;

use super::Csv;
use super::columns::{ACCOUNTS, AGENTS, Column, NUMBERS, Need::Required};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines on which records start. The reader's own count is behind where a line ends with a carriage
/// return too, or is empty.
struct Lines<'a> {
    bytes: &'a [u8],
    place: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0, line: 1 }
    }

    /// The line of the record that starts behind this place. Records are asked for in their order.
    fn at(&mut self, position: Option<&csv::Position>) -> u64 {
        let start =
            position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
        while let Some(byte) = self.bytes.get(self.place)
            && (self.place < start || matches!(byte, b'\r' | b'\n'))
        {
            self.line += u64::from(*byte == b'\n');
            self.place += 1;
        }
        self.line
    }
}

/// Reads the files that were given.
pub(super) fn rows(files: &Csv, problems: &mut Problems) -> ImportRows {
    ImportRows {
        accounts: table(files.accounts.as_deref(), ACCOUNTS, problems, account),
        agents: table(files.agents.as_deref(), AGENTS, problems, agent),
        numbers: table(files.numbers.as_deref(), NUMBERS, problems, number),
    }
}

/// A cell; `None` if the file has no such column.
type Cell = Option<String>;

fn account([sid, name, auth_token, parent_sid, region]: [Cell; 5]) -> AccountRow {
    AccountRow {
        sid: sid.unwrap_or_default(),
        name: name.unwrap_or_default(),
        auth_token: Secret::new(auth_token.unwrap_or_default()),
        parent_sid: parent_sid.unwrap_or_default(),
        region,
    }
}

fn agent(cells: [Cell; 26]) -> AgentRow {
    let [
        external_id,
        name,
        prompt,
        voice,
        model,
        language,
        stream_url,
        reply,
        parameters,
        more @ ..,
    ] = cells;
    let [
        relay_url,
        voice_redirect_url,
        dial,
        voice_twilio,
        message_redirect_url,
        message_webhook,
        message_twilio,
        chat_model,
        chat_url,
        chat_max_tokens,
        chat_daily_limit,
        whatsapp_template,
        relay_attributes,
        state,
        capacity,
        hours,
        health_url,
    ] = more;
    AgentRow {
        external_id: external_id.unwrap_or_default(),
        name: name.unwrap_or_default(),
        prompt: prompt.unwrap_or_default(),
        voice: voice.unwrap_or_default(),
        model: model.unwrap_or_default(),
        language: language.unwrap_or_default(),
        stream_url: stream_url.unwrap_or_default(),
        reply: reply.unwrap_or_default(),
        parameters: parameters.unwrap_or_default(),
        more: AgentColumns {
            relay_url,
            voice_redirect_url,
            dial,
            voice_twilio,
            message_redirect_url,
            message_webhook,
            message_twilio,
            chat_model,
            chat_url,
            chat_max_tokens,
            chat_daily_limit,
            whatsapp_template,
            relay_attributes,
            state,
            capacity,
            hours,
            health_url,
        },
    }
}

fn number(
    [phone_number, account_sid, agent_external_id, channels, repair]: [Cell; 5],
) -> NumberRow {
    NumberRow {
        phone_number: phone_number.unwrap_or_default(),
        account_sid: Some(account_sid.unwrap_or_default()),
        account_token: None,
        agent_external_id: agent_external_id.unwrap_or_default(),
        channels,
        repair,
    }
}

fn table<T, const N: usize>(
    path: Option<&str>,
    columns: [Column; N],
    problems: &mut Problems,
    row: impl Fn([Cell; N]) -> T,
) -> ImportTable<T> {
    let Some(path) = path else { return ImportTable::default() };
    let file: Arc<str> = path.into();
    let mut table = ImportTable { name: Arc::clone(&file), renamed: Vec::new(), rows: Vec::new() };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.push_file(&file, None, format!("cannot be read: {error}"));
            return table;
        }
    };
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let mut lines = Lines::of(bytes);
    let mut reader = ReaderBuilder::new().from_reader(bytes);
    let places = match reader.headers() {
        Ok(head) => places(&file, head, columns, problems),
        Err(error) => {
            wrong(&file, &error, &mut lines, problems);
            None
        }
    };
    let Some(places) = places else { return table };
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = lines.at(record.position());
                let cell = |place: Option<usize>| {
                    place.map(|place| record.get(place).unwrap_or_default().to_owned())
                };
                table
                    .rows
                    .push(ImportRow { key: RowKey::Line(line), value: row(places.map(cell)) });
            }
            Err(error) => wrong(&file, &error, &mut lines, problems),
        }
    }
    table
}

/// The index of each column, or `None` if the header is wrong.
fn places<const N: usize>(
    file: &Arc<str>,
    head: &StringRecord,
    columns: [Column; N],
    problems: &mut Problems,
) -> Option<[Option<usize>; N]> {
    let before = problems.count();
    let heads: Vec<String> = head.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let known = columns.map(|(name, _)| name);
    if let [only] = heads.as_slice()
        && let Some(separator) = [(';', "a semicolon"), ('\t', "a tab")]
            .into_iter()
            .find_map(|(separator, name)| only.contains(separator).then_some(name))
    {
        let what = format!("cells are separated by {separator}; save the file with commas");
        problems.push_file(file, Some(1), what);
        return None;
    }
    for (index, name) in heads.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            let what =
                format!("column {}{} is not one of {}", index + 1, shown(name), known.join(", "));
            problems.push_file(file, Some(1), what);
        } else if heads[..index].contains(name) {
            problems.push_file(file, Some(1), format!("has two columns named {name}"));
        }
    }
    for (name, need) in columns {
        if need == Required && !heads.iter().any(|head| head == name) {
            problems.push_file(file, Some(1), format!("has no column {name}"));
        }
    }
    (problems.count() == before)
        .then(|| known.map(|name| heads.iter().position(|head| head == name)))
}

/// The name of an unknown column. A file without a head has a row in its place, which may hold a token or a
/// number, so only what looks like a name is repeated.
fn shown(name: &str) -> String {
    let is_name = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_- ".contains(&byte))
    };
    if is_name(name) { format!(" ({name})") } else { String::new() }
}

fn wrong(file: &Arc<str>, error: &csv::Error, lines: &mut Lines<'_>, problems: &mut Problems) {
    let line = error.position().map(|position| lines.at(Some(position)));
    let what = match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!(
                "has {} instead of {expected_len}; put a cell that contains a comma in quotes",
                counted(*len, "cell")
            )
        }
        ErrorKind::Utf8 { .. } => "is not UTF-8; save the file as UTF-8".to_owned(),
        _ => "is not CSV".to_owned(),
    };
    problems.push_file(file, line, what);
}

#[cfg(test)]
mod tests {
    use switchboard_application_management::Problems;
    use switchboard_domain::ports::{ImportTable, RowKey};

    use super::{NUMBERS, table};

    fn read(bytes: &[u8]) -> (ImportTable<[Option<String>; 5]>, String) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let path = file.path().to_str().unwrap();
        let mut problems = Problems::default();
        let rows = table(Some(path), NUMBERS, &mut problems, |cells| cells);
        (rows, problems.to_string().replace(path, "n.csv"))
    }

    #[test]
    fn columns_are_found_by_name_behind_a_byte_order_mark() {
        let (table, _) =
            read(b"\xef\xbb\xbfaccount_sid,Phone_Number\r\nAC1,+1\r\n\r\n\"AC\n2\",+2\r\nAC3,+3\n");
        let rows: Vec<_> = table
            .rows
            .iter()
            .map(|row| (row.key.clone(), row.value[0].as_deref(), row.value[1].as_deref()))
            .collect();
        let expected = [(2, "+1", "AC1"), (4, "+2", "AC\n2"), (6, "+3", "AC3")];
        assert_eq!(rows, expected.map(|(line, a, b)| (RowKey::Line(line), Some(a), Some(b))));
        assert!(table.rows.iter().all(|row| row.value[2].is_none()));
    }

    #[test]
    fn every_line_that_is_no_row_is_reported() {
        let (table, problems) = read(b"phone_number,account_sid\n+1\n+2,\xff\n+3,AC3\n");
        assert_eq!(table.rows.len(), 1);
        assert!(problems.contains("n.csv line 2: has 1 cell instead of 2"), "{problems}");
        assert!(problems.contains("n.csv line 3: is not UTF-8"), "{problems}");
    }

    #[test]
    fn a_head_that_does_not_fit_is_reported_without_its_text() {
        let (_, problems) = read(b"phone_number,s3cret,agent-id,phone_number\n");
        assert!(
            problems
                .contains("column 2 is not one of phone_number, account_sid, agent_external_id"),
            "{problems}"
        );
        assert!(problems.contains("column 3 (agent-id) is not one of"), "{problems}");
        assert!(
            problems.contains("two columns named phone_number")
                && problems.contains("no column account_sid")
        );
        assert!(!problems.contains("s3cret"));
        let (_, problems) = read(b"phone_number;account_sid\n");
        assert!(problems.contains("cells are separated by a semicolon"), "{problems}");
        let (_, problems) = read(b"");
        assert!(problems.contains("has no column phone_number"), "{problems}");
    }
}
