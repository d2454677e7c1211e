//! The row that is being parsed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

use switchboard_domain::ports::{ImportTable, RowKey};

use super::{Problems, Remark};

/// Where mistakes and remarks are collected.
#[derive(Default)]
pub(super) struct Output {
    pub(super) problems: Problems,
    pub(super) remarks: Vec<Remark>,
}

/// The row that is being parsed.
pub(super) struct CurrentRow<'a, R> {
    pub(super) table: &'a ImportTable<R>,
    pub(super) key: &'a RowKey,
    pub(super) output: &'a mut Output,
}

impl<R> CurrentRow<'_, R> {
    /// Adds a mistake. An empty column means that the mistake is about the whole row.
    pub(super) fn wrong(&mut self, column: &'static str, what: impl Into<String>) {
        let remark = self.about(&[column], what.into());
        self.output.problems.push(remark);
    }

    pub(super) fn remark(&mut self, columns: &[&'static str], what: impl Into<String>) {
        let remark = self.about(columns, what.into());
        self.output.remarks.push(remark);
    }

    fn about(&self, columns: &[&'static str], what: String) -> Remark {
        let columns: Vec<_> = columns.iter().map(|column| self.table.column(column)).collect();
        Remark {
            table: Arc::clone(&self.table.name),
            row: Some(self.key.clone()),
            columns: columns.join(", "),
            what,
        }
    }

    /// The parsed value; `None` with a mistake if it is invalid.
    pub(super) fn read<T, E: Display>(
        &mut self,
        column: &'static str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        parsed.map_err(|error| self.wrong(column, error.to_string())).ok()
    }

    /// Returns whether no earlier row has the key; adds a mistake if one has it.
    pub(super) fn unique<K: Eq + Hash>(
        &mut self,
        column: &'static str,
        seen: &mut HashMap<K, RowKey>,
        key: K,
    ) -> bool {
        let what = match seen.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(self.key.clone());
                return true;
            }
            Entry::Occupied(first) => match first.get() {
                RowKey::Line(line) => format!("is the same as on line {line}; keep one of them"),
                RowKey::Key(_) => {
                    "is the same as in another row, written differently; keep one of them"
                        .to_owned()
                }
            },
        };
        self.wrong(column, what);
        false
    }
}
