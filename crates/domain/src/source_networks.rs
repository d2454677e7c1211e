//! The networks from which requests are accepted.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::target_networks::{NetworkError, network};

/// Networks of clients. An empty list accepts every address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceNetworks(Vec<IpNet>);

impl SourceNetworks {
    /// Parses networks in CIDR notation, separated by commas. An address is a network of one. Returns the first mistake.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Parses networks as [`parse`](Self::parse) does, of which there must be one at least.
    pub fn parse_limited(text: &str) -> Result<Self, NetworkError> {
        let networks = Self::parse(text)?;
        if networks.is_unlimited() {
            return Err(NetworkError::Unreadable { text: text.to_owned() });
        }
        Ok(networks)
    }

    /// Whether a client with this address is accepted. `None` is an address that is not known.
    pub fn accept(&self, address: Option<IpAddr>) -> bool {
        // A socket for both protocols sees IPv4 clients at mapped addresses.
        let address = address.map(|address| address.to_canonical());
        self.0.is_empty()
            || address
                .is_some_and(|address| self.0.iter().any(|network| network.contains(&address)))
    }

    /// Whether everybody whom the other networks accept is accepted too.
    pub fn cover(&self, others: &Self) -> bool {
        let covers = |other: &IpNet| self.0.iter().any(|network| network.contains(other));
        self.is_unlimited() || (!others.is_unlimited() && others.0.iter().all(covers))
    }

    /// Whether every address is accepted.
    pub const fn is_unlimited(&self) -> bool {
        self.0.is_empty()
    }

    /// The networks.
    pub fn iter(&self) -> impl Iterator<Item = IpNet> {
        self.0.iter().copied()
    }
}

/// The form that [`SourceNetworks::parse`] reads.
impl fmt::Display for SourceNetworks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, network) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{network}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::SourceNetworks;

    fn accepts(networks: &SourceNetworks, address: &str) -> bool {
        networks.accept(Some(address.parse().unwrap()))
    }

    #[test]
    fn only_listed_networks_are_accepted() {
        let networks = SourceNetworks::parse("10.0.0.0/8, 192.0.2.7,fd00::/8").unwrap();
        for accepted in ["10.1.2.3", "192.0.2.7", "fd12::1", "::ffff:10.1.2.3"] {
            assert!(accepts(&networks, accepted), "{accepted}");
        }
        for refused in ["11.0.0.1", "192.0.2.8", "fe80::1", "::ffff:11.0.0.1"] {
            assert!(!accepts(&networks, refused), "{refused}");
        }
        assert!(!networks.accept(None));
        let text = networks.to_string();
        assert_eq!(text, "10.0.0.0/8,192.0.2.7/32,fd00::/8");
        assert_eq!(SourceNetworks::parse(&text), Ok(networks));
    }

    #[test]
    fn no_network_accepts_everybody() {
        let networks = SourceNetworks::parse(" ").unwrap();
        assert!(networks.is_unlimited() && networks.accept(None));
        assert!(accepts(&networks, "203.0.113.1"));
    }

    #[test]
    fn networks_cover_those_inside_of_them() {
        let cover = |ours: &str, others: &str| {
            let parse = |text| SourceNetworks::parse(text).unwrap();
            parse(ours).cover(&parse(others))
        };
        assert!(cover("", "") && cover("", "10.0.0.0/8"));
        assert!(cover("10.0.0.0/8,fd00::/8", "10.1.0.0/16,fd12::1,10.0.0.0/8"));
        assert!(!cover("10.0.0.0/8", "") && !cover("10.0.0.0/8", "10.0.0.0/7"));
        assert!(!cover("10.0.0.0/8", "10.1.0.0/16,fd00::/8"));
    }

    #[test]
    fn a_network_with_host_bits_is_refused() {
        assert!(SourceNetworks::parse("10.0.0.1/8").is_err());
        assert!(SourceNetworks::parse("10.0.0.0/8,x").is_err());
    }
}
