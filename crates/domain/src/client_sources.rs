//! Where requests come from, and from where they are accepted.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::source_networks::SourceNetworks;

/// The proxies of the operator. Only they are believed when they say from which address a request comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(SourceNetworks);

/// The proxies in these networks. Without a network, no proxy is trusted.
impl From<SourceNetworks> for TrustedProxies {
    fn from(networks: SourceNetworks) -> Self {
        Self(networks)
    }
}

impl TrustedProxies {
    /// Whether no proxy is trusted.
    pub const fn is_empty(&self) -> bool {
        self.0.is_unlimited()
    }

    /// Whether every client is believed, because a network contains all addresses of IPv4 or of IPv6.
    pub fn trust_everybody(&self) -> bool {
        self.0.iter().any(|network| network.prefix_len() == 0)
    }

    /// The networks.
    pub const fn networks(&self) -> &SourceNetworks {
        &self.0
    }

    /// The address of the client that sent a request; `None` if it is not known. `peer` is the address at the other end of the
    /// connection, `forwarded` are the values of all headers `X-Forwarded-For`, in their order.
    ///
    /// Everybody can send the header, and each proxy appends the address that it sees. So the header counts only if the peer is a
    /// trusted proxy, and only from its end up to the first address that is not one. An entry in between that is not an address
    /// makes the client unknown, and so does an empty one.
    pub fn client<'a>(
        &self,
        peer: Option<IpAddr>,
        forwarded: impl DoubleEndedIterator<Item = &'a [u8]>,
    ) -> Option<IpAddr> {
        // A socket for both protocols sees IPv4 clients at mapped addresses.
        let mut client = peer?.to_canonical();
        if !self.trust(client) {
            return Some(client);
        }
        for line in forwarded.rev() {
            for entry in line.rsplit(|byte| *byte == b',') {
                client = address(entry)?;
                if !self.trust(client) {
                    return Some(client);
                }
            }
        }
        Some(client)
    }

    fn trust(&self, address: IpAddr) -> bool {
        !self.is_empty() && self.0.accept(Some(address))
    }
}

/// An entry of `X-Forwarded-For`. Some proxies append a port.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let in_brackets = || {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<Ipv6Addr>().ok().map(IpAddr::from)
    };
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bare = text.parse::<IpAddr>().ok();
    bare.or_else(with_port).or_else(in_brackets).map(|address| address.to_canonical())
}

/// From where a listener accepts requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientSources {
    /// The networks of accepted clients; without one, every client is accepted.
    pub allowed: SourceNetworks,
    /// The proxies in front of the listener.
    pub proxies: TrustedProxies,
}

impl ClientSources {
    /// Whether a request is accepted. The arguments are those of [`TrustedProxies::client`].
    pub fn accept<'a>(
        &self,
        peer: impl FnOnce() -> Option<IpAddr>,
        forwarded: impl DoubleEndedIterator<Item = &'a [u8]>,
    ) -> bool {
        self.allowed.is_unlimited() || self.allowed.accept(self.proxies.client(peer(), forwarded))
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{ClientSources, TrustedProxies};
    use crate::source_networks::SourceNetworks;

    fn trusting(networks: &str) -> TrustedProxies {
        SourceNetworks::parse(networks).unwrap().into()
    }

    fn proxies() -> TrustedProxies {
        trusting("10.0.0.0/8,fd00::/8")
    }

    fn client(proxies: &TrustedProxies, peer: &str, forwarded: &[&str]) -> Option<String> {
        let lines = forwarded.iter().map(|line| line.as_bytes());
        let client = proxies.client(Some(peer.parse().unwrap()), lines);
        client.map(|client| client.to_string())
    }

    #[test]
    fn the_header_counts_only_behind_a_trusted_proxy() {
        let forged = ["198.51.100.1"];
        assert_eq!(client(&proxies(), "203.0.113.9", &forged).unwrap(), "203.0.113.9");
        assert_eq!(client(&TrustedProxies::default(), "10.0.0.1", &forged).unwrap(), "10.0.0.1");
        assert_eq!(client(&proxies(), "10.0.0.1", &forged).unwrap(), "198.51.100.1");
        assert_eq!(client(&proxies(), "::ffff:10.0.0.1", &forged).unwrap(), "198.51.100.1");
        assert_eq!(client(&proxies(), "10.0.0.1", &[]).unwrap(), "10.0.0.1");
        assert_eq!(proxies().client(None, [].into_iter()), None);
    }

    #[test]
    fn the_last_address_that_is_no_proxy_is_the_client() {
        for (forwarded, expected) in [
            (&["198.51.100.1, 203.0.113.5"][..], "203.0.113.5"),
            (&["198.51.100.1, 203.0.113.5, 10.0.0.2,10.0.0.3"], "203.0.113.5"),
            (&["198.51.100.1", "203.0.113.5", "10.0.0.2"], "203.0.113.5"),
            (&["203.0.113.5:4711, 10.0.0.2:80"], "203.0.113.5"),
            (&["2001:db8::1, [fd00::2]:443"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["::ffff:203.0.113.5, ::ffff:10.1.1.1"], "203.0.113.5"),
            // A request that begins inside.
            (&["10.0.0.7, 10.0.0.2"], "10.0.0.7"),
            // What clients write in front of their address does not matter.
            (&["unknown, <script>, 203.0.113.5"], "203.0.113.5"),
        ] {
            assert_eq!(client(&proxies(), "10.0.0.1", forwarded).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_client_behind_an_entry_that_is_no_address_is_unknown() {
        for forwarded in [
            &["unknown"][..],
            &[""],
            &["203.0.113.5,"],
            &["203.0.113.5, unknown, 10.0.0.2"],
            &["203.0.113.5", "_hidden"],
            &["203.0.113"],
            &["3405803781"],
            &["203.0.113.5:port"],
            &["[203.0.113.5]"],
            &["\u{2003}203.0.113.5"],
        ] {
            assert_eq!(client(&proxies(), "10.0.0.1", forwarded), None, "{forwarded:?}");
        }
        let not_text = [&b"\xff"[..]];
        assert_eq!(proxies().client("10.0.0.1".parse().ok(), not_text.into_iter()), None);
    }

    #[test]
    fn an_unknown_client_is_accepted_only_if_everybody_is() {
        let accepts = |allowed: &str, peer: &str, forwarded: &[&str]| {
            let allowed = SourceNetworks::parse(allowed).unwrap();
            let sources = ClientSources { allowed, proxies: proxies() };
            let peer: IpAddr = peer.parse().unwrap();
            sources.accept(|| Some(peer), forwarded.iter().map(|line| line.as_bytes()))
        };
        assert!(accepts("", "10.0.0.1", &["unknown"]));
        // The proxy is in the network itself, but the client is not known.
        assert!(!accepts("10.0.0.0/8", "10.0.0.1", &["unknown"]));
        assert!(accepts("203.0.113.0/24", "10.0.0.1", &["198.51.100.1,203.0.113.5"]));
        assert!(!accepts("203.0.113.0/24", "10.0.0.1", &["203.0.113.5,198.51.100.1"]));
        assert!(!accepts("203.0.113.0/24", "198.51.100.1", &["203.0.113.5"]));
    }

    #[test]
    fn a_network_of_all_addresses_is_noticed() {
        assert!(trusting("10.0.0.0/8,::/0").trust_everybody());
        assert!(!proxies().trust_everybody() && !TrustedProxies::default().trust_everybody());
    }
}
