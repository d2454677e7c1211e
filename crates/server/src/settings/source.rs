//! The sources of settings: the environment, then `switchboard.toml`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use switchboard_domain::secret::Secret;

use super::Mistakes;
use super::names::{FILE, is_known, is_of_client, is_of_later, nearest};
use crate::file_access::FileAccess;

/// The settings file, in the working directory.
pub(super) const FILE_NAME: &str = "switchboard.toml";

/// The text of a file, or why it is not believed. The file that is judged is the one that is read.
fn read_trusted(path: &Path) -> std::io::Result<Result<String, &'static str>> {
    let mut file = std::fs::File::open(path)?;
    let metadata = file.metadata()?;
    // A pipe, such as `<(…)` in a shell, comes from the user who starts the program.
    if metadata.is_file()
        && let Some(refusal) = FileAccess::of(&metadata).refusal()
    {
        return Ok(Err(refusal));
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(Ok(text))
}

/// The values of both sources, and the mistakes found so far.
pub(super) struct Sources<'a> {
    environment: BTreeMap<String, OsString>,
    file: BTreeMap<String, String>,
    folder: &'a Path,
    pub(super) mistakes: Mistakes,
    /// Names without effect in this version.
    pub(super) without_effect: Vec<String>,
    /// Unknown variables that look like settings, and the settings that were probably meant.
    pub(super) mistyped: Vec<(String, &'static str)>,
}

impl<'a> Sources<'a> {
    /// Reads the environment, and the settings file of the folder if it exists.
    pub(super) fn new(
        environment: impl Iterator<Item = (OsString, OsString)>,
        folder: &'a Path,
    ) -> Self {
        let mut sources = Self {
            environment: BTreeMap::new(),
            file: BTreeMap::new(),
            folder,
            mistakes: Mistakes::default(),
            without_effect: Vec::new(),
            mistyped: Vec::new(),
        };
        for (name, value) in environment {
            // Many tools set a variable to nothing instead of removing it.
            if let Ok(name) = name.into_string()
                && !value.is_empty()
            {
                sources.take_variable(name, value);
            }
        }
        sources.read_file();
        sources
    }

    fn take_variable(&mut self, name: String, value: OsString) {
        // The command line reads them.
        if is_of_client(&name) {
            return;
        }
        if is_known(&name) {
            self.environment.insert(name, value);
        } else if is_of_later(&name) {
            self.without_effect.push(name);
        } else if name.starts_with("SWITCHBOARD_")
            && let Some(meant) = nearest(&name)
        {
            // Not an error: orchestrators set variables that begin with the name of a service.
            self.mistyped.push((name, meant));
        }
    }

    fn read_file(&mut self) {
        let text = match read_trusted(&self.folder.join(FILE_NAME)) {
            Ok(Ok(text)) => text,
            Ok(Err(refusal)) => return self.mistakes.push(FILE_NAME, refusal),
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => return self.mistakes.push(FILE_NAME, format!("cannot be read: {error}")),
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            // The parser's own message quotes the line, which may be a secret.
            Err(error) => {
                let line =
                    error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
                return self
                    .mistakes
                    .push(FILE_NAME, format!("is not TOML, at line {line}: {}", error.message()));
            }
        };
        for (name, value) in table {
            self.take_entry(name, value);
        }
    }

    fn take_entry(&mut self, name: String, value: toml::Value) {
        if is_of_later(&name) {
            self.without_effect.push(name);
        } else if !is_known(&name) {
            let meant =
                nearest(&name).map_or_else(String::new, |meant| format!("; did you mean {meant}?"));
            self.mistakes.push(&name, format!("in {FILE_NAME} is not a setting{meant}"));
        } else if let toml::Value::String(text) = value {
            if !text.is_empty() {
                self.file.insert(name, text);
            }
        } else {
            self.mistakes.push(&name, format!("in {FILE_NAME} is not a string; put it in quotes"));
        }
    }

    /// The value of a setting, if given.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let value = self.variable(name).or_else(|| self.file.get(name).cloned())?;
        Some(value.trim().to_owned())
    }

    /// The value of a secret, or the content of its file, if given.
    pub(super) fn secret(&mut self, name: &str) -> Option<Secret> {
        let of_file = format!("{name}{FILE}");
        let from_environment = (self.variable(name), self.variable(&of_file));
        // The environment wins over the settings file, in either form.
        let (value, file) = match from_environment {
            (None, None) => (self.file.get(name).cloned(), self.file.get(&of_file).cloned()),
            given => given,
        };
        match (value, file) {
            (Some(_), Some(_)) => {
                self.mistakes.push(name, format!("and {of_file} are both set; keep one of them"));
                None
            }
            (Some(value), None) => Some(Secret::new(value.trim().to_owned())),
            (None, Some(path)) => self.read_secret(&of_file, &path),
            (None, None) => None,
        }
    }

    fn read_secret(&mut self, name: &str, path: &str) -> Option<Secret> {
        match read_trusted(&self.folder.join(path)) {
            Ok(Err(refusal)) => {
                self.mistakes.push(name, format!("names {path}, which {refusal}"));
                None
            }
            Ok(Ok(text)) if text.trim().is_empty() => {
                self.mistakes.push(name, format!("names {path}, which is empty"));
                None
            }
            Ok(Ok(text)) => Some(Secret::new(text.trim().to_owned())),
            Err(error) => {
                self.mistakes.push(name, format!("names {path}, which cannot be read: {error}"));
                None
            }
        }
    }

    fn variable(&mut self, name: &str) -> Option<String> {
        let value = self.environment.get(name)?;
        let text = value.to_str().map(ToOwned::to_owned);
        if text.is_none() {
            self.mistakes.push(name, "is not UTF-8");
        }
        text
    }
}
