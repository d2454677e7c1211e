//! The server that tests share.

use std::env;

use tokio::sync::OnceCell;

use crate::address::Address;
use crate::cluster::Cluster;

/// The server that `scripts/test` started, or the one of this process, which is started on the first call.
pub(crate) async fn address() -> Address {
    static OWN: OnceCell<Cluster> = OnceCell::const_new();
    match env::var("PGTEST_SOCKET") {
        Ok(folder) => Address(folder),
        Err(_) => OWN.get_or_init(Cluster::private).await.address().clone(),
    }
}
