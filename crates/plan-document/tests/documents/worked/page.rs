//! Reads the page: plans, tables, calendars, lists, hours.

use std::fmt;

use crate::docs;

/// An example plan.
pub(super) struct Worked {
    /// The heading above it.
    pub(super) title: String,
    pub(super) json: String,
    /// The same plan as TOML, where the page shows it.
    pub(super) toml: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A row of a plan's table.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) situation: String,
    pub(super) answers: String,
    pub(super) why: String,
    /// The next change, if the table has that column.
    pub(super) until: Option<String>,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} | {} | {} |", self.situation, self.answers, self.why)?;
        self.until.as_ref().map_or(Ok(()), |until| write!(f, " {until} |"))
    }
}

/// The whole page.
#[derive(Default)]
pub(super) struct Page {
    pub(super) plans: Vec<Worked>,
    /// Agents: name, calls at once, hours.
    pub(super) agents: Vec<Vec<String>>,
    /// Blocks that are not plans: kind, name, content.
    pub(super) blocks: Vec<(String, String, String)>,
}

impl Page {
    pub(super) fn read() -> Self {
        let text = std::fs::read_to_string(docs("routing.md")).unwrap();
        let mut page = Self::default();
        let mut title = String::new();
        let mut header: Vec<String> = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(info) = line.strip_prefix("```") {
                let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
                page.block(&title, info, block.join("\n"));
            } else if let Some(heading) = line.strip_prefix("### ") {
                heading.clone_into(&mut title);
            } else if line.starts_with('|') {
                let cells = cells(line);
                if header.is_empty() {
                    header = cells;
                } else if !cells.iter().all(|cell| cell.chars().all(|mark| mark == '-')) {
                    page.row(&header, cells);
                }
            } else {
                header.clear();
            }
        }
        page
    }

    fn block(&mut self, title: &str, info: &str, text: String) {
        let mut words = info.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("json"), None, None) => self.plans.push(Worked {
                title: title.to_owned(),
                json: text,
                toml: Vec::new(),
                rows: Vec::new(),
            }),
            (Some("toml"), None, None) => self.plans.last_mut().unwrap().toml.push(text),
            (Some(_), Some(kind), Some(name)) => {
                self.blocks.push((kind.to_owned(), name.to_owned(), text));
            }
            _ => {}
        }
    }

    fn row(&mut self, header: &[String], cells: Vec<String>) {
        assert_eq!(header.len(), cells.len(), "{cells:?}");
        match header[0].as_str() {
            "situation" => {
                let mut cells = cells.into_iter();
                let mut next = || cells.next().unwrap_or_default();
                let row = Row { situation: next(), answers: next(), why: next(), until: None };
                let row = Row { until: cells.next(), ..row };
                self.plans.last_mut().unwrap().rows.push(row);
            }
            "agent" => self.agents.push(cells),
            _ => {}
        }
    }
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split('|').map(|cell| cell.trim().replace('`', "")).collect()
}
