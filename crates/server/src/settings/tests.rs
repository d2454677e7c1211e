use std::ffi::OsString;
use std::path::Path;

use switchboard_domain::authentication::Validation;
use switchboard_domain::sealing::KeyId;
use switchboard_domain::signature::PublicUrl;

use super::{Mistakes, Settings, Sources};
use crate::log_format::LogFormat;

const SID: &str = "AC0123456789abcdef0123456789abcdef";
const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn read_in(folder: &Path, environment: &[(&str, &str)]) -> Result<Settings, Mistakes> {
    let environment =
        environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Settings::read(environment, folder)
}

fn read(environment: &[(&str, &str)]) -> Result<Settings, Mistakes> {
    read_in(tempfile::tempdir().unwrap().path(), environment)
}

fn read_file(text: &str, environment: &[(&str, &str)]) -> Result<Settings, Mistakes> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("switchboard.toml"), text).unwrap();
    read_in(folder.path(), environment)
}

fn reported(mistakes: &Mistakes) -> Vec<String> {
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_has_to_be_set() {
    let settings = read(&[("PATH", "/bin")]).unwrap();
    assert!(settings.database.location.file() == Some(Path::new("data/switchboard.db")));
    assert!(settings.database.is_default);
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.public_urls.first.as_str(), "http://localhost:8080");
    assert!(
        settings.encryption_keys.is_none()
            && settings.main_account.is_none()
            && settings.voice_server.is_none()
    );
    assert_eq!((settings.validation, settings.log), (Validation::Enforced, LogFormat::Text));
    assert!(!settings.target_networks.allow([127, 0, 0, 1].into()));
    assert!(settings.warnings.is_empty());
}

#[test]
fn everything_can_be_set() {
    let keys = format!("new:{KEY},old:{}", KEY.replace('M', "N"));
    let settings = read(&[
        ("DATABASE_URL", "sqlite:///var/lib/switchboard.db"),
        ("SWITCHBOARD_LISTEN", "0.0.0.0:9000"),
        ("SWITCHBOARD_PUBLIC_URL", "https://a.example.com, https://b.example.com/in"),
        ("SWITCHBOARD_ENCRYPTION_KEYS", &keys),
        ("TWILIO_ACCOUNT_SID", SID),
        ("TWILIO_AUTH_TOKEN", "deadbeef"),
        ("TWILIO_SIGNATURE_VALIDATION", "report"),
        ("VOICE_SERVER_URL", "wss://voice.example.com/stream"),
        ("SWITCHBOARD_LOG", "json"),
    ])
    .unwrap();
    assert!(!settings.database.is_default);
    let urls: Vec<String> =
        settings.public_urls.all().iter().map(|url| url.as_str().to_owned()).collect();
    assert_eq!(urls, ["https://a.example.com", "https://b.example.com/in"]);
    let keyring = settings.encryption_keys.unwrap();
    assert_eq!(keyring.key_ids().map(KeyId::as_str).collect::<Vec<_>>(), ["new", "old"]);
    assert_eq!(settings.main_account.unwrap().token.secret().expose(), "deadbeef");
    assert_eq!((settings.validation, settings.log), (Validation::Report, LogFormat::Json));
    assert_eq!(settings.voice_server.unwrap().value(), "wss://voice.example.com/stream");
}

#[test]
fn a_url_in_upper_case_is_signed_in_lower_case_too() {
    let listed = "https://Voice.Example.com/In, HTTPS://b.example.com, https://b.example.com";
    let settings = read(&[("SWITCHBOARD_PUBLIC_URL", listed)]).unwrap();
    let signed = settings.public_urls.signed();
    assert_eq!(
        signed.iter().map(PublicUrl::as_str).collect::<Vec<_>>(),
        [
            "https://Voice.Example.com/In",
            "HTTPS://b.example.com",
            "https://b.example.com",
            "https://voice.example.com/In",
        ]
    );
}

#[test]
fn every_mistake_is_reported_at_once_and_no_secret_with_it() {
    let mistakes = read(&[
        ("DATABASE_URL", "mysql://root:s3cret@host/db"),
        ("SWITCHBOARD_LISTEN", "8080"),
        (
            "SWITCHBOARD_PUBLIC_URL",
            "voice.example.com, https://b.example.com?x=1, wss://c.example.com",
        ),
        ("SWITCHBOARD_ENCRYPTION_KEYS", "k1:s3cret"),
        ("TWILIO_ACCOUNT_SID", "AC12"),
        ("TWILIO_AUTH_TOKEN", "s3cret token"),
        ("TWILIO_SIGNATURE_VALIDATION", "off"),
        ("VOICE_SERVER_URL", "https://voice.example.com"),
        ("SWITCHBOARD_LOG", "yaml"),
    ])
    .unwrap_err();
    let names: Vec<&str> = mistakes.iter().map(|mistake| mistake.name.as_str()).collect();
    let expected = [
        "DATABASE_URL",
        "SWITCHBOARD_LISTEN",
        "SWITCHBOARD_PUBLIC_URL",
        "SWITCHBOARD_PUBLIC_URL",
        "SWITCHBOARD_PUBLIC_URL",
        "SWITCHBOARD_ENCRYPTION_KEYS",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_SIGNATURE_VALIDATION",
        "VOICE_SERVER_URL",
        "SWITCHBOARD_LOG",
    ];
    assert_eq!(names, expected);
    let text = mistakes.to_string();
    assert!(
        text.starts_with("11 settings are wrong\n  DATABASE_URL does not start with"),
        "{text}"
    );
    assert!(
        text.contains("TWILIO_SIGNATURE_VALIDATION is \"off\"; use enforced, report or disabled"),
        "{text}"
    );
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn half_an_account_is_a_mistake() {
    let mistakes = read(&[("TWILIO_ACCOUNT_SID", SID)]).unwrap_err();
    assert_eq!(
        reported(&mistakes),
        ["TWILIO_ACCOUNT_SID is set without TWILIO_AUTH_TOKEN; set both or neither"]
    );
    let mistakes = read(&[("TWILIO_AUTH_TOKEN", "deadbeef")]).unwrap_err();
    assert_eq!(
        reported(&mistakes),
        ["TWILIO_AUTH_TOKEN is set without TWILIO_ACCOUNT_SID; set both or neither"]
    );
}

#[test]
fn a_secret_may_come_from_a_file_but_not_twice() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "deadbeef\n").unwrap();
    std::fs::write(folder.path().join("nothing"), "\n").unwrap();
    let account = ("TWILIO_ACCOUNT_SID", SID);
    let settings = read_in(folder.path(), &[account, ("TWILIO_AUTH_TOKEN_FILE", "token")]).unwrap();
    assert_eq!(settings.main_account.unwrap().token.secret().expose(), "deadbeef");

    let both = [account, ("TWILIO_AUTH_TOKEN_FILE", "token"), ("TWILIO_AUTH_TOKEN", "deadbeef")];
    let mistakes = read_in(folder.path(), &both).unwrap_err();
    assert_eq!(
        reported(&mistakes),
        ["TWILIO_AUTH_TOKEN and TWILIO_AUTH_TOKEN_FILE are both set; keep one of them"]
    );
    let mistakes =
        read_in(folder.path(), &[account, ("TWILIO_AUTH_TOKEN_FILE", "nothing")]).unwrap_err();
    assert_eq!(reported(&mistakes), ["TWILIO_AUTH_TOKEN_FILE names nothing, which is empty"]);
    let mistakes =
        read_in(folder.path(), &[account, ("TWILIO_AUTH_TOKEN_FILE", "gone")]).unwrap_err();
    assert!(
        reported(&mistakes)[0]
            .starts_with("TWILIO_AUTH_TOKEN_FILE names gone, which cannot be read")
    );
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = "SWITCHBOARD_LISTEN = '127.0.0.1:1'\nSWITCHBOARD_LOG = 'json'\nDATABASE_URL = 'sqlite://file.db'\n";
    let settings = read_file(file, &[("SWITCHBOARD_LISTEN", "127.0.0.1:2")]).unwrap();
    assert_eq!((settings.listen.port(), settings.log), (2, LogFormat::Json));
    assert!(settings.database.location.file() == Some(Path::new("file.db")));

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("url"), "sqlite://variable.db").unwrap();
    std::fs::write(folder.path().join("switchboard.toml"), file).unwrap();
    let settings = read_in(folder.path(), &[("DATABASE_URL_FILE", "url")]).unwrap();
    assert!(settings.database.location.file() == Some(Path::new("variable.db")));
}

#[test]
fn an_unknown_name_in_the_file_is_reported_with_the_one_that_was_meant() {
    let mistakes = read_file("switchboard_listn = 'a'\nCOLOUR = 'red'\nSWITCHBOARD_LOG = 3\n", &[])
        .unwrap_err();
    let mut lines = reported(&mistakes);
    lines.sort();
    let expected = [
        "COLOUR in switchboard.toml is not a setting",
        "SWITCHBOARD_LOG in switchboard.toml is not a string; put it in quotes",
        "switchboard_listn in switchboard.toml is not a setting; did you mean SWITCHBOARD_LISTEN?",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_file_that_is_no_toml_is_reported_without_its_text() {
    let mistakes =
        read_file("SWITCHBOARD_LOG = 'text'\nTWILIO_AUTH_TOKEN = s3cret\n", &[]).unwrap_err();
    let text = mistakes.to_string();
    assert!(text.starts_with("switchboard.toml is not TOML, at line 2"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn names_of_later_versions_are_reported_in_one_warning() {
    let settings =
        read_file("REDIS_URL = 'redis://a'\n", &[("SWITCHBOARD_ADMIN_KEY", "x")]).unwrap();
    assert_eq!(
        settings.warnings,
        ["SWITCHBOARD_ADMIN_KEY, REDIS_URL: has no effect in this version"]
    );
}

#[test]
fn a_variable_that_looks_like_a_setting_is_reported() {
    let environment =
        [("SWITCHBOARD_ENCRYPTION_KEY", "x"), ("SWITCHBOARD_SERVICE_HOST", "10.0.0.1")];
    let settings = read(&environment).unwrap();
    let expected =
        ["SWITCHBOARD_ENCRYPTION_KEY is not a setting; did you mean SWITCHBOARD_ENCRYPTION_KEYS?"];
    assert_eq!(settings.warnings, expected);
}

#[test]
fn debug_shows_no_secret() {
    let keys = format!("k1:{KEY}");
    let settings = read(&[
        ("DATABASE_URL", "postgres://user:s3cret@host/db"),
        ("SWITCHBOARD_PUBLIC_URL", "https://user:s3cret@voice.example.com"),
        ("SWITCHBOARD_ENCRYPTION_KEYS", &keys),
        ("TWILIO_ACCOUNT_SID", SID),
        ("TWILIO_AUTH_TOKEN", "s3cret"),
    ]);
    let shown = format!("{:?}", settings.unwrap());
    assert!(!shown.contains("s3cret") && !shown.contains(KEY), "{shown}");
}

#[cfg(unix)]
#[test]
fn files_that_other_users_can_write_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str, mode| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let keys = [("SWITCHBOARD_ENCRYPTION_KEYS_FILE", "keys")];
    file("keys", &format!("k1:{KEY}"), 0o644);
    file("switchboard.toml", "SWITCHBOARD_LOG = \"json\"", 0o644);
    assert!(read_in(folder.path(), &keys).is_ok());
    for mode in [0o666, 0o664, 0o646] {
        file("keys", &format!("k1:{KEY}"), mode);
        file("switchboard.toml", "SWITCHBOARD_LOG = \"json\"", mode);
        let mistakes = reported(&read_in(folder.path(), &keys).unwrap_err());
        assert_eq!(
            mistakes,
            [
                "switchboard.toml can be written by other users; run `chmod go-w` on it",
                "SWITCHBOARD_ENCRYPTION_KEYS_FILE names keys, which can be written by other users; run `chmod go-w` on it",
            ]
        );
    }
}

#[test]
fn tokens_are_sent_without_tls_on_this_machine_only() {
    let api = |url: &str| read(&[("TWILIO_API_URL", url)]);
    for url in ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9", "http://127.1.2.3/a"]
    {
        assert!(api(url).unwrap().warnings.is_empty(), "{url}");
    }
    for url in [
        "http://proxy.example.com",
        "http://10.0.0.1:80",
        "http://localhost.example.com",
        "http://0.0.0.0:9",
    ] {
        let mistakes = reported(&api(url).unwrap_err());
        assert!(mistakes[0].contains("http:// is for this machine only"), "{mistakes:?}");
    }
    let warnings = api("https://proxy.example.com/twilio").unwrap().warnings;
    assert!(
        warnings[0].ends_with("are sent to proxy.example.com instead of Twilio"),
        "{warnings:?}"
    );
}

#[test]
fn networks_of_targets_may_be_in_the_file_and_every_wrong_one_is_reported() {
    let text = "SWITCHBOARD_TARGET_NETWORKS = '10.0.0.0/8, ::1'\n";
    let settings = read_file(text, &[]).unwrap();
    let networks = &settings.target_networks;
    assert!(networks.allow([10, 1, 2, 3].into()) && !networks.allow([127, 0, 0, 1].into()));
    let mistakes = read(&[("SWITCHBOARD_TARGET_NETWORKS", "10.0.0.1/8,all,::1")]).unwrap_err();
    let expected = [
        "SWITCHBOARD_TARGET_NETWORKS is \"10.0.0.1/8\", which has bits set after its prefix; use 10.0.0.0/8",
        "SWITCHBOARD_TARGET_NETWORKS is \"all\", which is not a network; use for example 10.0.0.0/8 or fd00::/8",
    ];
    assert_eq!(reported(&mistakes), expected);
}

#[test]
fn sources_are_networks_and_every_wrong_one_is_reported() {
    let settings = read(&[
        ("SWITCHBOARD_ALLOWED_SOURCES", "203.0.113.0/24, 2001:db8::/32"),
        ("SWITCHBOARD_TRUSTED_PROXIES", "10.0.0.0/8"),
    ])
    .unwrap();
    let Sources { webhooks, admin } = settings.sources;
    assert_eq!(webhooks.allowed.to_string(), "203.0.113.0/24,2001:db8::/32");
    assert_eq!(webhooks.proxies.networks().to_string(), "10.0.0.0/8");
    assert!(admin.allowed.is_unlimited() && admin.proxies == webhooks.proxies);
    let mistakes = read(&[
        ("SWITCHBOARD_ALLOWED_SOURCES", "twilio.com,203.0.113.1/24"),
        ("SWITCHBOARD_ADMIN_ALLOWED_SOURCES", ","),
        ("SWITCHBOARD_TRUSTED_PROXIES", "::ffff:10.0.0.0/104,10.0.0.1"),
    ]);
    let expected = [
        "SWITCHBOARD_ALLOWED_SOURCES is \"twilio.com\", which is not a network; use for example 10.0.0.0/8 or fd00::/8",
        "SWITCHBOARD_ALLOWED_SOURCES is \"203.0.113.1/24\", which has bits set after its prefix; use 203.0.113.0/24",
        "SWITCHBOARD_ADMIN_ALLOWED_SOURCES lists no network; use for example 10.0.0.0/8,fd00::/8, or unset it",
        "SWITCHBOARD_TRUSTED_PROXIES is \"::ffff:10.0.0.0/104\"; write IPv4 networks in IPv4 notation, for example 10.0.0.0/8",
    ];
    assert_eq!(reported(&mistakes.unwrap_err()), expected);
}
