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

    /// Parses networks as [`parse`](Self::parse) does, but returns every mistake.
    pub fn parse_all(text: &str) -> Result<Self, Vec<NetworkError>> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let (mut networks, mut mistakes) = (Vec::new(), Vec::new());
        for entry in entries {
            match network(entry) {
                Ok(network) => networks.push(network),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if mistakes.is_empty() { Ok(Self(networks)) } else { Err(mistakes) }
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
    use std::net::IpAddr;

    use proptest::prelude::*;

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

    #[test]
    fn every_mistake_of_a_list_is_reported() {
        assert_eq!(SourceNetworks::parse_all("10.0.0.1/8,x,::1").unwrap_err().len(), 2);
        let networks = SourceNetworks::parse_all("10.0.0.0/8,::1").unwrap();
        assert_eq!(networks, SourceNetworks::parse("10.0.0.0/8,::1").unwrap());
    }

    /// An address as a number, shifted to the left end, and whether it is of IPv6.
    fn bits(address: IpAddr) -> (bool, u128) {
        match address {
            IpAddr::V4(v4) => (false, u128::from(u32::from(v4)) << 96),
            IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) => bits(v4.into()),
                None => (true, u128::from(v6)),
            },
        }
    }

    /// Addresses that are near to each other, so that networks contain some of them.
    fn address() -> impl Strategy<Value = IpAddr> {
        let v4 = (prop_oneof![Just(0x0a00_0000_u32), any::<u32>()], any::<u16>());
        let v4 = v4.prop_map(|(network, host)| IpAddr::V4((network ^ u32::from(host)).into()));
        let v6 = (prop_oneof![Just(0xfd00_u128 << 112), any::<u128>()], any::<u32>());
        let v6 = v6.prop_map(|(network, host)| IpAddr::V6((network ^ u128::from(host)).into()));
        let mapped = v4.clone().prop_map(|address| match address {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
            v6 @ IpAddr::V6(_) => v6,
        });
        prop_oneof![v4, v6, mapped]
    }

    proptest! {
        #[test]
        fn an_address_is_accepted_iff_it_has_the_prefix_of_a_network(
            networks in proptest::collection::vec((address(), 0_u8..=128), 1..4),
            addresses in proptest::collection::vec(address(), 1..16),
        ) {
            let prefix = |address: IpAddr, length: u8| {
                let (is_v6, bits) = bits(address);
                let length = if is_v6 { length } else { length % 33 };
                let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
                (is_v6, bits & mask, mask, length)
            };
            let text: Vec<String> = networks.iter().map(|(address, length)| {
                let (is_v6, bits, _, length) = prefix(*address, *length);
                let network: IpAddr = if is_v6 {
                    IpAddr::V6(bits.into())
                } else {
                    IpAddr::V4(u32::try_from(bits >> 96).unwrap().into())
                };
                format!("{network}/{length}")
            }).collect();
            // A short prefix can leave a network of mapped addresses, which is written in IPv4 notation.
            prop_assume!(text.iter().all(|network| !network.starts_with("::/") && !network.contains("::ffff:")));
            let parsed = SourceNetworks::parse_all(&text.join(",")).unwrap();
            for address in addresses.into_iter().chain(networks.iter().map(|(address, _)| *address)) {
                let (is_v6, number) = bits(address);
                let expected = networks.iter().any(|(network, length)| {
                    let (of_v6, prefix, mask, _) = prefix(*network, *length);
                    of_v6 == is_v6 && number & mask == prefix
                });
                prop_assert_eq!(parsed.accept(Some(address)), expected, "{} in {:?}", address, &text);
            }
        }
    }
}
