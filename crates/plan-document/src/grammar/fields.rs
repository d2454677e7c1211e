//! The keys of an object in a document.

use switchboard_domain::plan::Pointer;

use super::Grammar;
use crate::nearest::nearest;
use crate::problems::{Node, Problems, Read};
use crate::tree::Tree;

/// The keys of an object. The keys that are read are the known ones; [`Fields::finish`] reports all others.
pub(super) struct Fields<'t> {
    entries: &'t [(String, Tree)],
    at: &'t Pointer,
    known: Vec<&'static str>,
}

impl<'t> Fields<'t> {
    /// Opens an object. `expected` completes "must be …" for a value of another type: "a rule, an object with …".
    pub(super) fn of(node: &'t Node<'_>, problems: &mut Problems, expected: &str) -> Read<Self> {
        match node.tree {
            Tree::Table(entries) => Ok(Self { entries, at: &node.at, known: Vec::new() }),
            _ => Err(problems.expected(node, expected)),
        }
    }

    /// Reads the value of a key. `hint` says what to write if a required key is missing.
    pub(super) fn read<G: Grammar>(
        &mut self,
        key: &'static str,
        hint: Option<&str>,
        problems: &mut Problems,
    ) -> Read<G::Value> {
        self.known.push(key);
        let is_own = |(known, tree): &&(String, Tree)| known == key && *tree != Tree::LeftOut;
        let mut found = self.entries.iter().filter(is_own);
        let Some((_, tree)) = found.next() else {
            return G::absent().ok_or_else(|| {
                let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                problems.report(self.at, format!("has no {key:?}{hint}"))
            });
        };
        let node = Node { tree, at: self.at.at(key) };
        if found.next().is_some() {
            return Err(problems.report(&node.at, "appears twice; keep one of them"));
        }
        G::read(&node, problems)
    }

    /// Reports every key that was not read.
    pub(super) fn finish(self, problems: &mut Problems) -> Read<()> {
        let mut result = Ok(());
        for (key, tree) in self.entries {
            if self.known.contains(&key.as_str()) || *tree == Tree::LeftOut {
                continue;
            }
            let what = match nearest(key, self.known.iter().copied()) {
                Some(meant) => format!("is not a known key; did you mean {meant:?}?"),
                None => format!("is not a known key; the keys are {}", self.known.join(", ")),
            };
            result = Err(problems.report(&self.at.at(key), what));
        }
        result
    }
}
