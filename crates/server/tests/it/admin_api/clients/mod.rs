//! Clients in Python and `TypeScript` that programs of others generate from the `OpenAPI` document live through a customer's day. A
//! mistake in the document is a client that does not compile, or an answer that it cannot read.

use super::api::{OURS_ID, added_key};
use crate::fixture::setting;
use crate::prelude::*;

const STORY: &str = include_str!("story.py");
const STORY_IN_TYPESCRIPT: &str = include_str!("story.ts");
/// The generator formats nothing, which would need another program.
const CONFIGURATION: &str = "post_hooks: []\n";

/// Runs a program in the folder of the app, and returns what it prints.
fn output(app: &TestApp, mut program: Command, arguments: &[&str]) -> String {
    program.current_dir(app.folder()).args(arguments);
    let output = program.output();
    let output = output.unwrap_or_else(|error| panic!("{program:?} does not run: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Lets a story with its client run against a server.
async fn lives(store: Store, client: impl FnOnce(&TestApp) -> Command + Send + 'static) {
    let app = TestApp::with_fleet(store, three_accounts());
    let server = app.serve().await;
    let document = server.admin().get("/api/openapi.json", &[]).await;
    app.write("openapi.json", document.text());
    let url = format!("http://{}", server.admin.unwrap());
    let key = added_key(&app, "--scopes read,route,configure,admin").1;
    let run = move || output(&app, client(&app), &[&url, &key, OURS_ID]);
    let printed = tokio::task::spawn_blocking(run).await.unwrap();
    assert_eq!(printed.trim(), "done");
}

fn in_python(app: &TestApp) -> Command {
    let python = PathBuf::from(setting("SWITCHBOARD_SDK_PYTHON"));
    app.write("generator.yml", CONFIGURATION);
    app.write("story.py", STORY);
    let generate = "generate --path openapi.json --config generator.yml --meta none --output-path client --fail-on-warning";
    let generator = Command::new(python.with_file_name("openapi-python-client"));
    output(app, generator, &generate.split(' ').collect::<Vec<_>>());
    let mut story = Command::new(python);
    story.arg("story.py");
    story
}

fn in_typescript(app: &TestApp) -> Command {
    let modules = Path::new(&setting("SWITCHBOARD_SDK_NODE")).join("node_modules");
    app.write("story.ts", STORY_IN_TYPESCRIPT);
    std::os::unix::fs::symlink(&modules, app.path("node_modules")).unwrap();
    let generate = "openapi.json --default-non-nullable false --output schema.ts";
    let generator = Command::new(modules.join(".bin/openapi-typescript"));
    output(app, generator, &generate.split(' ').collect::<Vec<_>>());
    let compile = "--strict --skipLibCheck --target es2022 --module commonjs --moduleResolution node --types node story.ts";
    let compiler = Command::new(modules.join(".bin/tsc"));
    output(app, compiler, &compile.split(' ').collect::<Vec<_>>());
    let mut story = Command::new("node");
    story.arg("story.js");
    story
}

#[apply(on_both_stores!)]
async fn a_generated_python_client_lives_through_a_customers_day(store: Store) {
    lives(store, in_python).await;
}

#[apply(on_both_stores!)]
async fn a_generated_typescript_client_lives_through_a_customers_day(store: Store) {
    lives(store, in_typescript).await;
}
