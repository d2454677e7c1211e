//! The offline quick start of the README, pasted into a shell at once.

use std::path::Path;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");

/// The commands of the section, for servers at a loopback address that no other test uses, with this program.
fn commands(readme: &str, address: &str) -> String {
    let (_, section) = readme.split_once("## Your own agent, offline").unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let program = Path::new(PROGRAM).parent().unwrap().to_str().unwrap();
    let edits = [
        ("cargo build --release\n", ""),
        ("$PWD/target/release", program),
        ("simulate twilio &", "simulate twilio --listen 127.0.0.1:8090 &"),
    ];
    let edited = edits.iter().fold(block.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?} is not in the README");
        text.replace(from, to)
    });
    edited.replace("127.0.0.1:", &format!("{address}:"))
}

#[test]
fn the_quick_start_of_the_readme_works_when_it_is_pasted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(root.join("README.md"), folder.path().join("README.md")).unwrap();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let address = format!("127.31.{high}.{low}");
    let script =
        format!("set -e\ntrap 'kill $(jobs -p); wait' EXIT\n{}", commands(&readme, &address));
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env("SWITCHBOARD_LISTEN", format!("{address}:8080"))
        .env("SWITCHBOARD_PUBLIC_URL", format!("http://{address}:8080"))
        .env("SWITCHBOARD_ADMIN_LISTEN", "off")
        .output()
        .unwrap();
    let (shown, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{shown}\n{errors}");
    for expected in ["added account", "<Stream", "assigned"] {
        assert!(shown.contains(expected), "{expected:?} is missing in {shown}\n{errors}");
    }
}
