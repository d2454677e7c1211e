//! The macros that adapters use register the laws of all ports.

use std::fs;
use std::path::Path;

/// Each folder of laws, with the file that declares its modules and registers their laws.
const FOLDERS: [(&str, &str); 2] = [("src", "lib.rs"), ("src/carrier", "mod.rs")];

#[test]
fn the_laws_of_every_port_are_registered() {
    let mut ports = 0;
    for (folder, root) in FOLDERS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let root = fs::read_to_string(folder.join(root)).unwrap();
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let Some(laws) = macro_name(&path) else { continue };
            let module = path.file_stem().unwrap().to_str().unwrap();
            assert!(root.contains(&format!("\npub mod {module};\n")), "{module} is not declared");
            assert!(root.contains(&format!("  {module}: {laws},\n")), "{laws} is not registered");
            ports += 1;
        }
    }
    assert!(ports > 0, "no laws were found");
}

/// The macro of the laws of a file, if it has laws.
fn macro_name(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let attribute = text.lines().find_map(|line| line.strip_prefix("#[laws("))?;
    Some(attribute.trim_end_matches(")]").rsplit("::").next()?.to_owned())
}
