//! Prints the `OpenAPI` document of the admin API: `just openapi` writes it to `docs/openapi.json`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(switchboard_admin::document().as_bytes())
}
