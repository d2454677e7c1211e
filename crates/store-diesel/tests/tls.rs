//! TLS to a Postgres server, with the modes of Postgres' own clients.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::error::Error;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use switchboard_domain::ports::StoreProbe as _;
use switchboard_store_diesel::{DatabaseOpenError, PostgresOptions, PostgresStore, PostgresUrl};
use tempfile::TempDir;
use throwaway_postgres::{Cluster, StopMode};
use tokio_postgres::NoTls;

/// A server that speaks TLS on a port, with a certificate for `localhost`.
struct Server {
    cluster: Cluster,
    port: u16,
    /// The authority that signed its certificate, and another one.
    authority: PathBuf,
    stranger: PathBuf,
    _folder: TempDir,
}

fn authority(file: &Path) -> CertifiedIssuer<'static, KeyPair> {
    let mut about = CertificateParams::new(Vec::new()).unwrap();
    about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(about, KeyPair::generate().unwrap()).unwrap();
    fs::write(file, issuer.pem()).unwrap();
    issuer
}

impl Server {
    async fn start() -> Self {
        let cluster = Cluster::private().await;
        let url = PostgresUrl::parse(&cluster.url("postgres")).unwrap();
        PostgresStore::migrate(&url).await.unwrap();
        let (client, connection) =
            tokio_postgres::connect(&cluster.url("postgres"), NoTls).await.unwrap();
        tokio::spawn(connection);

        let folder = tempfile::tempdir().unwrap();
        let (trusted, stranger) =
            (folder.path().join("authority.pem"), folder.path().join("stranger.pem"));
        let issuer = authority(&trusted);
        authority(&stranger);
        let key = KeyPair::generate().unwrap();
        let about = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = about.signed_by(&key, &issuer).unwrap();

        // The server reads its key only where it is its own.
        let data: String = client.query_one("SHOW data_directory", &[]).await.unwrap().get(0);
        let owner = fs::metadata(&data).unwrap();
        for (name, text) in [("server.crt", certificate.pem()), ("server.key", key.serialize_pem())]
        {
            let file = Path::new(&data).join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        client.batch_execute("ALTER SYSTEM SET ssl = on").await.unwrap();
        client.batch_execute("ALTER SYSTEM SET listen_addresses = '127.0.0.1'").await.unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        client.batch_execute(&format!("ALTER SYSTEM SET port = {port}")).await.unwrap();
        drop(client);
        cluster.stop(StopMode::Fast).await;
        cluster.start().await;
        Self { cluster, port, authority: trusted, stranger, _folder: folder }
    }

    async fn connect(&self, host: &str, options: &str) -> Result<PostgresStore, DatabaseOpenError> {
        let url = format!("postgres://postgres@{host}:{}/postgres?{options}", self.port);
        PostgresStore::connect(&PostgresUrl::parse(&url).unwrap(), &PostgresOptions::default())
            .await
    }

    /// Whether a connection comes about, and is encrypted.
    async fn encrypts(&self, host: &str, options: &str) -> bool {
        let store = self.connect(host, options).await.unwrap();
        store.time().await.unwrap();
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port);
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let query = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
             WHERE application_name = 'switchboard'";
        client.query_one(query, &[]).await.unwrap().get(0)
    }

    /// Why a connection does not come about.
    async fn refusal(&self, host: &str, options: &str) -> String {
        let error = self.connect(host, options).await.unwrap_err();
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_verifies_what_it_says() {
    let server = Server::start().await;
    let authority = format!("sslrootcert={}", server.authority.display());
    let stranger = format!("sslrootcert={}", server.stranger.display());

    assert!(!server.encrypts("localhost", "sslmode=disable").await);
    assert!(server.encrypts("localhost", "sslmode=prefer").await);
    assert!(server.encrypts("localhost", "").await);
    assert!(server.encrypts(ELSEWHERE, "sslmode=prefer").await);
    assert!(!server.encrypts(ELSEWHERE, "sslmode=disable").await);
    assert!(server.encrypts("localhost", "sslmode=require").await);
    assert!(server.encrypts("localhost", &format!("sslmode=require&{authority}")).await);
    assert!(server.encrypts("127.0.0.1", &format!("sslmode=verify-ca&{authority}")).await);
    assert!(server.encrypts("localhost", &format!("sslmode=verify-full&{authority}")).await);

    // The name is another one.
    let refusal = server.refusal("127.0.0.1", &format!("sslmode=verify-full&{authority}")).await;
    assert!(refusal.contains("certificate"), "{refusal}");
    // The authority is another one, or none that this machine knows.
    for options in [
        format!("sslmode=require&{stranger}"),
        format!("sslmode=verify-ca&{stranger}"),
        format!("sslmode=verify-full&{stranger}"),
        "sslmode=verify-full".to_owned(),
    ] {
        let refusal = server.refusal("localhost", &options).await;
        assert!(refusal.contains("certificate"), "{options}: {refusal}");
    }
    let refusal = server.refusal("localhost", "sslmode=verify-full&sslrootcert=/nowhere.pem").await;
    assert!(refusal.contains("sslrootcert"), "{refusal}");
    drop(server.cluster);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_used_only_where_that_is_allowed() {
    let server = Server::start().await;
    let (client, connection) = tokio_postgres::connect(
        &format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", server.port),
        NoTls,
    )
    .await
    .unwrap();
    tokio::spawn(connection);
    client.batch_execute("ALTER SYSTEM SET ssl = off").await.unwrap();
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    for host in ["localhost", ELSEWHERE] {
        assert!(!server.encrypts(host, "sslmode=prefer").await, "{host}");
    }
    let refusal = server.refusal("localhost", "sslmode=require").await;
    assert!(refusal.contains("TLS"), "{refusal}");
}

/// A name of the loopback address that does not look like one.
const ELSEWHERE: &str = "LOCALHOST";

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_that_asks_for_the_password_in_clear_text_does_not_get_it() {
    for (mode, refusal) in [("prefer", &b"N"[..]), ("disable", b"")] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut buffer = [0; 1_024];
            if !refusal.is_empty() {
                stream.read_exact(&mut buffer[..8]).unwrap();
                stream.write_all(refusal).unwrap();
            }
            let startup = stream.read(&mut buffer).unwrap();
            heard.extend_from_slice(&buffer[..startup]);
            stream.write_all(b"R\0\0\0\x08\0\0\0\x03").unwrap();
            stream.read_to_end(&mut heard).unwrap();
            heard
        });
        let text = format!("postgres://me:canary@{ELSEWHERE}:{port}/a?sslmode={mode}");
        let url = PostgresUrl::parse(&text).unwrap();
        let refused = PostgresStore::schema_state(&url).await.unwrap_err();
        let heard = server.join().unwrap();
        assert!(!heard.windows(6).any(|bytes| bytes == b"canary"), "{mode}");
        assert!(heard.windows(2).any(|bytes| bytes == b"me"), "{mode}");
        let mut shown = refused.to_string();
        let mut cause = refused.source();
        while let Some(error) = cause {
            shown = format!("{shown}: {error}");
            cause = error.source();
        }
        assert!(shown.contains("clear text"), "{mode}: {shown}");
    }
}
