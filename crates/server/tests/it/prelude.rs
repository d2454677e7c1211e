//! What most black-box tests import: the fixtures, and the crates that every test needs.

pub(crate) use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
pub(crate) use futures_util::future::join_all;
pub(crate) use insta::assert_snapshot;
pub(crate) use serde_json::{Value, json};
pub(crate) use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    io::ErrorKind,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
pub(crate) use switchboard_domain::{phone_number::PhoneNumber, secret::Secret};
pub(crate) use switchboard_twilio_simulator::{
    phone::audio::Sound,
    phone::{CallStatus, Event, PhoneNetwork, Purpose},
    {
        AccountSeed, AccountStatus, ApplicationSeed, ApplicationSettings, Conditions, Fault,
        FaultKind, NumberSeed, NumberSettings, Seed, SenderSeed, ServiceSeed, ServiceSettings, Sid,
        WebhookMethod,
    },
};
pub(crate) use throwaway_postgres::StopMode;
pub(crate) use url::Url;

pub(crate) use crate::fixture::{
    Account, Answer, BEHIND, CHANGED, Client, DISABLED, DONE, ENCRYPTION_KEY, Finished, Flow,
    LegacyDatabase, Load, MAIN, MAIN_SID, MAIN_TOKEN, OTHER, OTHER_SID, OTHERS, PUBLIC_URL,
    Process, PublicUrl, SALES, SILENT, SUB, SUB_SID, SUB_TOKEN, SUBS, Server, Signal, Store,
    TestApp, UNASSIGNED, UNKNOWN, Webhook, Wire, account_seed, account_sid, apply, hmac_sha256,
    http, incoming_call, number, numbers, on_both_stores, phone_network, phone_number, sid,
    three_accounts, within,
};
