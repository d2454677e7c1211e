//! `server → webhook → application → domain ← every outbound adapter`, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use crate::{root, source};

/// What each crate may depend on: crates of the workspace for the program, and for its tests besides.
const DEPENDENCIES: [(&str, &[&str], &[&str]); 20] = [
    ("message-endpoint", &[], &[]),
    ("switchboard-domain", &[], &[]),
    (
        "switchboard-admin",
        &[
            "switchboard-application-carrier",
            "switchboard-application-delivery",
            "switchboard-application-management",
            "switchboard-domain",
        ],
        &["switchboard-store-memory"],
    ),
    ("switchboard-agent-http", &["switchboard-domain"], &[]),
    (
        "switchboard-application",
        &["switchboard-domain"],
        &[
            "switchboard-application-management",
            "switchboard-plan-document",
            "switchboard-store-memory",
        ],
    ),
    (
        "switchboard-application-carrier",
        &["switchboard-application", "switchboard-application-management", "switchboard-domain"],
        &["switchboard-carrier-memory", "switchboard-store-memory"],
    ),
    (
        "switchboard-application-delivery",
        &[
            "switchboard-application",
            "switchboard-application-carrier",
            "switchboard-application-management",
            "switchboard-domain",
        ],
        &["switchboard-carrier-memory", "switchboard-store-memory"],
    ),
    (
        "switchboard-application-management",
        &["switchboard-application", "switchboard-domain"],
        &["switchboard-plan-document", "switchboard-store-memory"],
    ),
    ("switchboard-contract", &["switchboard-contract-macros", "switchboard-domain"], &[]),
    ("switchboard-contract-macros", &[], &[]),
    ("switchboard-carrier-memory", &["switchboard-domain"], &["switchboard-contract"]),
    (
        "switchboard-carrier-twilio",
        &["switchboard-domain"],
        &["switchboard-contract", "switchboard-twilio-simulator"],
    ),
    ("switchboard-plan-document", &["switchboard-domain"], &[]),
    ("switchboard-store-memory", &["switchboard-domain"], &["switchboard-contract"]),
    (
        "switchboard-store-diesel",
        &["switchboard-domain"],
        &["switchboard-contract", "throwaway-postgres"],
    ),
    (
        "switchboard-webhook",
        &[
            "switchboard-application",
            "switchboard-application-carrier",
            "switchboard-application-delivery",
            "switchboard-domain",
        ],
        &[],
    ),
    (
        "switchboard-server",
        &[
            "switchboard-admin",
            "switchboard-agent-http",
            "switchboard-application",
            "switchboard-application-carrier",
            "switchboard-application-delivery",
            "switchboard-application-management",
            "switchboard-carrier-twilio",
            "switchboard-domain",
            "switchboard-plan-document",
            "switchboard-store-diesel",
            "switchboard-twilio-simulator",
            "switchboard-webhook",
            "voice-server",
        ],
        &["message-endpoint", "throwaway-postgres"],
    ),
    ("switchboard-twilio-simulator", &["switchboard-domain"], &["voice-server"]),
    ("throwaway-postgres", &[], &[]),
    ("voice-server", &[], &[]),
];

/// Libraries that only some crates may use: those that may use each, and those whose tests may besides.
const RESTRICTED: [(&str, &[&str], &[&str]); 6] = [
    ("diesel", &["switchboard-store-diesel"], &["switchboard-server"]),
    ("diesel-async", &["switchboard-store-diesel"], &[]),
    (
        "actix-web",
        &[
            "message-endpoint",
            "switchboard-admin",
            "switchboard-webhook",
            "switchboard-server",
            "switchboard-twilio-simulator",
        ],
        &[],
    ),
    ("clap", &["message-endpoint", "switchboard-server", "voice-server"], &[]),
    (
        "reqwest",
        &[
            "switchboard-agent-http",
            "switchboard-carrier-twilio",
            "switchboard-server",
            "switchboard-twilio-simulator",
            "voice-server",
        ],
        &[],
    ),
    (
        "tokio-postgres",
        &["switchboard-store-diesel", "throwaway-postgres"],
        &["switchboard-server"],
    ),
];

/// The adapters, as a program names them, and the modules of the server that may name each besides `wiring.rs`.
const ADAPTERS: [(&str, &[&str]); 6] = [
    ("switchboard_agent_http", &[]),
    ("switchboard_carrier_twilio", &[]),
    ("switchboard_plan_document", &[]),
    ("switchboard_store_diesel", &[]),
    ("switchboard_twilio_simulator", SIMULATOR),
    ("voice_server", SIMULATOR),
];
/// The modules behind the feature `simulator`.
const SIMULATOR: &[&str] = &["command_line/simulate/", "demo/"];

/// What the domain must not use: an async runtime, a wire format, a database, a network.
const NOT_IN_THE_DOMAIN: [&str; 6] =
    ["actix-web", "diesel", "reqwest", "serde", "tokio", "tracing"];

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap()
}

/// The direct dependencies of every member, by the kind that is asked for.
fn dependencies(kind: DependencyKind) -> BTreeMap<String, BTreeSet<String>> {
    metadata()
        .packages
        .iter()
        .map(|package| {
            let of_kind = package.dependencies.iter().filter(|dependency| dependency.kind == kind);
            (package.name.to_string(), of_kind.map(|dependency| dependency.name.clone()).collect())
        })
        .collect()
}

fn assert_dependencies(kind: DependencyKind, allowed: impl Fn(&str) -> BTreeSet<&'static str>) {
    let dependencies = dependencies(kind);
    let members: BTreeSet<&String> = dependencies.keys().collect();
    for (member, uses) in &dependencies {
        let inside: BTreeSet<&str> =
            uses.iter().filter(|name| members.contains(name)).map(String::as_str).collect();
        let allowed = allowed(member);
        let forbidden: Vec<_> = inside.difference(&allowed).collect();
        assert!(forbidden.is_empty(), "{member} must not depend on {forbidden:?}");
    }
}

#[test]
fn every_crate_has_a_list_of_dependencies() {
    let members: BTreeSet<String> = dependencies(DependencyKind::Normal).into_keys().collect();
    let known: BTreeSet<String> =
        DEPENDENCIES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(members, known);
}

#[test]
fn crates_depend_only_on_what_they_may() {
    assert_dependencies(DependencyKind::Normal, |member| {
        DEPENDENCIES.iter().find(|(name, ..)| *name == member).unwrap().1.iter().copied().collect()
    });
}

#[test]
fn tests_depend_only_on_what_they_may() {
    assert_dependencies(DependencyKind::Development, |member| {
        let (_, program, tests) = DEPENDENCIES.iter().find(|(name, ..)| *name == member).unwrap();
        program.iter().chain(*tests).copied().collect()
    });
}

#[test]
fn restricted_libraries_are_used_by_their_crates_only() {
    use DependencyKind::{Build, Development, Normal};
    for kind in [Normal, Build, Development] {
        let dependencies = dependencies(kind);
        for (library, crates, tests) in RESTRICTED {
            for (member, uses) in &dependencies {
                let is_allowed = crates.contains(&member.as_str())
                    || kind == Development && tests.contains(&member.as_str());
                assert!(
                    !uses.contains(library) || is_allowed,
                    "{member} must not depend on {library} ({kind:?})"
                );
            }
        }
    }
    let dependencies = dependencies(Normal);
    for library in NOT_IN_THE_DOMAIN {
        assert!(
            !dependencies["switchboard-domain"].contains(library),
            "the domain must not depend on {library}"
        );
    }
}

#[test]
fn one_file_names_every_adapter() {
    let src = root().join("crates/server/src");
    let mut found = Vec::new();
    for file in source::files(&src) {
        let code = source::code(&std::fs::read_to_string(&file).unwrap());
        let module = file.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
        for (adapter, modules) in ADAPTERS {
            // A path of the adapter, wherever it is written: in a `use`, a signature, an expression or a re-export.
            let is_named = names(&code, adapter);
            let is_allowed = module == "wiring.rs" && *modules != *SIMULATOR
                || modules.iter().any(|allowed| module.starts_with(allowed));
            if is_named && !is_allowed {
                found.push(format!("{module} names {adapter}"));
            }
        }
        // What `wiring.rs` re-exported would be an adapter's type in every module that uses it.
        let re_exports = code.lines().any(|line| {
            line.starts_with("pub") && line.contains(" use ") && line.contains("switchboard_")
        });
        assert!(module != "wiring.rs" || !re_exports, "wiring.rs re-exports an adapter");
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_simulator_is_behind_its_feature() {
    let behind = "#[cfg(feature = \"simulator\")]\nmod ";
    for (file, module) in [("main.rs", "demo"), ("command_line/mod.rs", "simulate")] {
        let text = std::fs::read_to_string(root().join("crates/server/src").join(file)).unwrap();
        assert!(text.contains(&format!("{behind}{module};")), "{module} is always compiled");
    }
}

/// Whether code names a crate: `name::…`, `use name…` or `extern crate name`, but not a field of that name.
fn names(code: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        !before.ends_with(|last| is_part(last) || last == '.')
            && (after.starts_with("::")
                || !after.starts_with(is_part)
                    && (before.ends_with("use ") || before.ends_with("extern crate ")))
    })
}

#[test]
fn a_crate_is_distinguished_from_a_field_of_its_name() {
    for code in ["use voice_server::serve;", "voice_server::serve()", "use voice_server;"] {
        assert!(names(code, "voice_server"), "{code}");
    }
    for code in ["self.voice_server", "let voice_server = 1;", "my_voice_server::x"] {
        assert!(!names(code, "voice_server"), "{code}");
    }
}

#[test]
fn every_crate_takes_its_lints_and_versions_from_the_workspace() {
    for package in metadata().packages {
        let manifest = std::fs::read_to_string(&package.manifest_path).unwrap();
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} has lints of its own",
            package.name
        );
        let own_version =
            manifest.lines().skip_while(|line| *line != "[dependencies]").find(|line| {
                let (name, value) = line.split_once('=').unwrap_or((line, ""));
                !name.trim().is_empty()
                    && (value.contains("version") || value.trim_start().starts_with('"'))
                    && !line.trim_start().starts_with(['#', '['])
                    && !["path", "name"].contains(&name.trim())
            });
        assert_eq!(own_version, None, "{} names a version of its own", package.name);
    }
}
