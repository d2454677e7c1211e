//! The file of `--map`: which tables and columns of a legacy database hold what.

use std::collections::BTreeMap;

use switchboard_domain::printable;

use crate::command_line::input::text;
use crate::failure::Failure;
use crate::wiring::LegacyMap;

/// Reads the file: a TOML table for each table, with its name and columns.
pub(super) fn read(path: &str) -> Result<LegacyMap, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        let error = error.to_string();
        let error = printable::one_line(error.trim()).into_owned();
        Failure::local(format!("--map {path} is not a map: {error}"))
    };
    let file = text("--map", path)?;
    let tables: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(&file).map_err(|error| wrong(&error))?;
    LegacyMap::of(&tables).map_err(|error| wrong(&error))
}
