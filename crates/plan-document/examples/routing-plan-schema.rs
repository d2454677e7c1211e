//! Prints the JSON Schema of routing plans, as docs/routing-plan.schema.json keeps it.

use std::io::{Error, Write, stdout};

fn main() -> Result<(), Error> {
    let schema = serde_json::to_string_pretty(&switchboard_plan_document::schema())?;
    writeln!(stdout(), "{schema}")
}
