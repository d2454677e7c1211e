//! `server → webhook → application → domain ← every outbound adapter`, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use crate::root;

/// What each crate may depend on: crates of the workspace for the program, and for its tests besides.
const ARROWS: [(&str, &[&str], &[&str]); 16] = [
    ("switchboard-domain", &[], &[]),
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
        "switchboard-application-management",
        &["switchboard-application", "switchboard-domain"],
        &["switchboard-plan-document", "switchboard-store-memory"],
    ),
    ("switchboard-contract", &["switchboard-domain"], &[]),
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
    ("switchboard-webhook", &["switchboard-application", "switchboard-domain"], &[]),
    (
        "switchboard-server",
        &[
            "switchboard-agent-http",
            "switchboard-application",
            "switchboard-application-carrier",
            "switchboard-application-management",
            "switchboard-carrier-twilio",
            "switchboard-domain",
            "switchboard-plan-document",
            "switchboard-store-diesel",
            "switchboard-twilio-simulator",
            "switchboard-webhook",
            "voice-server",
        ],
        &["throwaway-postgres"],
    ),
    ("switchboard-twilio-simulator", &["switchboard-domain"], &["voice-server"]),
    ("throwaway-postgres", &[], &[]),
    ("voice-server", &[], &[]),
];

/// Libraries that belong to some crates alone.
const KEPT_TO: [(&str, &[&str]); 6] = [
    ("diesel", &["switchboard-store-diesel"]),
    ("diesel-async", &["switchboard-store-diesel"]),
    ("actix-web", &["switchboard-webhook", "switchboard-server", "switchboard-twilio-simulator"]),
    ("clap", &["switchboard-server", "voice-server"]),
    (
        "reqwest",
        &[
            "switchboard-agent-http",
            "switchboard-carrier-twilio",
            "switchboard-server",
            "switchboard-twilio-simulator",
            "voice-server",
        ],
    ),
    ("tokio-postgres", &["switchboard-store-diesel", "throwaway-postgres"]),
];

/// The outbound adapters, as a program names them.
const ADAPTERS: [&str; 3] =
    ["switchboard_agent_http::", "switchboard_carrier_twilio::", "switchboard_store_diesel::"];

/// What the domain must never have: a runtime, a wire format, a database, a network.
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

fn assert_arrows(kind: DependencyKind, allowed: impl Fn(&str) -> BTreeSet<&'static str>) {
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
fn every_crate_is_on_the_map() {
    let members: BTreeSet<String> = dependencies(DependencyKind::Normal).into_keys().collect();
    let known: BTreeSet<String> = ARROWS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(members, known);
}

#[test]
fn the_program_follows_the_arrows() {
    assert_arrows(DependencyKind::Normal, |member| {
        ARROWS.iter().find(|(name, ..)| *name == member).unwrap().1.iter().copied().collect()
    });
}

#[test]
fn the_tests_follow_the_arrows() {
    assert_arrows(DependencyKind::Development, |member| {
        let (_, program, tests) = ARROWS.iter().find(|(name, ..)| *name == member).unwrap();
        program.iter().chain(*tests).copied().chain([]).collect()
    });
}

#[test]
fn each_library_stays_in_its_rooms() {
    let dependencies = dependencies(DependencyKind::Normal);
    for (library, rooms) in KEPT_TO {
        for (member, uses) in &dependencies {
            assert!(
                !uses.contains(library) || rooms.contains(&member.as_str()),
                "{member} must not depend on {library}"
            );
        }
    }
    for library in NOT_IN_THE_DOMAIN {
        assert!(
            !dependencies["switchboard-domain"].contains(library),
            "the domain must not depend on {library}"
        );
    }
}

#[test]
fn one_file_names_every_adapter() {
    let sources = crate::source::files(&root().join("crates/server/src"));
    let naming: Vec<_> = sources
        .iter()
        .filter(|path| {
            let source = std::fs::read_to_string(path).unwrap();
            ADAPTERS.iter().any(|adapter| source.contains(adapter))
        })
        .filter_map(|path| path.file_name())
        .collect();
    assert_eq!(naming, ["wiring.rs"]);
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
