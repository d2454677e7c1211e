# Arguments reach the commands as they were quoted.
set positional-arguments

# Lists the recipes.
default:
    @just --list

# Formats everything.
fmt:
    cargo fmt --all

# Fails on anything that clippy or rustfmt would change.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo clippy --package switchboard-server --no-default-features --bins -- -D warnings

# Installs what the tests need, then runs all of them; with arguments, only those that cargo-nextest selects by them.
test *ARGUMENTS:
    scripts/test "$@"

# The laws of the ports, on one adapter: memory, postgres, sqlite …
contract ADAPTER:
    scripts/test -E '(package(/-{{ ADAPTER }}$/) | binary(/{{ ADAPTER }}/) | test(/{{ ADAPTER }}/)) & (binary(/contract/) | test(/contract/))'

# Whether both databases have the tables that the code believes in.
schema:
    scripts/test -E 'test(/schema/) | binary(/schema/)'

# Writes the published JSON Schema of routing plans anew.
schema-plan:
    cargo run --quiet --package switchboard-plan-document --example routing-plan-schema > docs/routing-plan.schema.json

# Whether crates and modules depend only on what the architecture allows.
architecture:
    scripts/test -E 'package(switchboard-server) & binary(architecture)'

# The documentation, without a single broken link.
docs:
    RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --document-private-items

# Licences, sources, advisories and banned crates (needs cargo-deny).
deny:
    cargo deny check

# Starts the server.
run *ARGUMENTS:
    cargo run --release -- "$@"

# Starts the server with example data; no Twilio account is needed.
demo:
    cargo run --release -- serve --demo

# The benchmarks of the hot path.
bench *ARGUMENTS:
    cargo bench --workspace "$@"

# What CI runs.
ci: && docs
    .ci/run
