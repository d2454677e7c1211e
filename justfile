# Preserves quoting of arguments.
set positional-arguments

# Lists the recipes.
default:
    @just --list

# Formats everything.
fmt:
    cargo fmt --all

# Checks formatting and lints.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo clippy --package switchboard-server --no-default-features --bins -- -D warnings

# Installs test dependencies and runs all checks and tests; arguments are passed to cargo-nextest.
test *ARGUMENTS:
    scripts/test "$@"

# Runs the contract tests of one adapter: memory, postgres, sqlite …
contract ADAPTER:
    scripts/test -E '(package(/-{{ ADAPTER }}$/) | binary(/{{ ADAPTER }}/) | test(/{{ ADAPTER }}/)) & (binary(/contract/) | test(/contract/))'

# Kills the server under load, fifty times on each database, and checks that no message is lost or answered twice.
crashes ROUNDS='50':
    CRASHES={{ ROUNDS }} scripts/test --no-capture -E 'test(no_acknowledged_message_is_lost_or_answered_twice_by_crashes)'

# Checks that the migrations of both databases match the schema in the code.
schema:
    scripts/test -E 'test(/schema/) | binary(/schema/)'

# Regenerates the published JSON Schema of routing plans.
schema-plan:
    cargo run --quiet --package switchboard-plan-document --example routing-plan-schema > docs/routing-plan.schema.json

# Regenerates the published OpenAPI document of the admin API.
openapi:
    cargo run --quiet --package switchboard-admin --example openapi > docs/openapi.json

# Checks dependency rules, import cycles and the other architecture tests.
architecture:
    scripts/test -E 'package(switchboard-server) & binary(architecture)'

# Checks the subjects of new commits.
commits *RANGE:
    scripts/check-commits "$@"

# Builds the documentation and fails on broken links.
docs:
    RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --document-private-items

# Checks licenses, sources, advisories, duplicate versions and banned crates (requires cargo-deny).
deny:
    cargo deny check

# Starts the server.
run *ARGUMENTS:
    cargo run --release -- serve "$@"

# Starts the server with example data; requires no Twilio account.
demo:
    cargo run --release -- serve --demo

# Runs the benchmarks of the hot path.
bench *ARGUMENTS:
    cargo bench --workspace "$@"

# Runs the checks of CI except `deny`.
ci: && docs
    .ci/run
