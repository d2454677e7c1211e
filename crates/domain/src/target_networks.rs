//! The networks where the servers of agents may be. Addresses that are not public are refused unless a network that the
//! operator lists contains them, because whoever configures an agent could otherwise reach internal services (SSRF).

mod special_purpose;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

use self::special_purpose::{is_public_v4, is_public_v6, translated};

/// An entry of a list of networks is not a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The text is neither an address nor a network in CIDR notation.
    #[error("is {text:?}, which is not a network; use for example 10.0.0.0/8 or fd00::/8")]
    Unreadable {
        /// The entry.
        text: String,
    },
    /// The address has bits outside the prefix, so the author may have meant another network.
    #[error("is {text:?}, which has bits set after its prefix; use {meant}")]
    HostBits {
        /// The entry.
        text: String,
        /// The network that contains the address.
        meant: IpNet,
    },
    /// The network is of IPv4 addresses mapped to IPv6.
    #[error("is {text:?}; write IPv4 networks in IPv4 notation, for example 10.0.0.0/8")]
    Mapped {
        /// The entry.
        text: String,
    },
}

/// The networks where targets are allowed in addition to public addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetNetworks {
    allowed: Vec<IpNet>,
}

impl TargetNetworks {
    /// Allows the addresses of this machine, for demonstrations and tests.
    pub fn loopback() -> Self {
        let v4 = IpNet::new_assert(Ipv4Addr::new(127, 0, 0, 0).into(), 8);
        let v6 = IpNet::new_assert(Ipv6Addr::LOCALHOST.into(), 128);
        Self { allowed: vec![v4, v6] }
    }

    /// Parses networks in CIDR notation, separated by commas. An address is a network of one. Returns every mistake.
    pub fn parse(text: &str) -> Result<Self, Vec<NetworkError>> {
        let (mut allowed, mut mistakes) = (Vec::new(), Vec::new());
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            match network(entry) {
                Ok(network) => allowed.push(network),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        if mistakes.is_empty() { Ok(Self { allowed }) } else { Err(mistakes) }
    }

    /// Whether targets may have this address: it is public, or in one of the networks.
    ///
    /// A mapped address (`::ffff:0:0/96`) connects to its IPv4 address, so it is allowed if a listed network contains that.
    /// An address that a gateway translates (NAT64, 6to4, Teredo) needs a listed network of its own, and an IPv4 address
    /// inside it that is allowed too.
    pub fn allow(&self, address: IpAddr) -> bool {
        let v6 = match address {
            IpAddr::V4(v4) => return is_public_v4(v4) || self.list(address),
            IpAddr::V6(v6) => v6,
        };
        if let Some(mapped) = v6.to_ipv4_mapped() {
            return self.list(mapped.into());
        }
        match translated(v6) {
            Some(inner) => self.list(address) && self.allow(inner.into()),
            None => is_public_v6(v6) || self.list(address),
        }
    }

    /// Whether requests to this URL are refused, as far as the URL itself tells: its host is an address that is not allowed,
    /// or a name of this machine. Other names are known only after their resolution.
    pub fn refuse_host(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(address)) => !self.allow(address.into()),
            Some(Host::Ipv6(address)) => !self.allow(address.into()),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                (name == "localhost" || name.ends_with(".localhost"))
                    && !self.allow(Ipv4Addr::LOCALHOST.into())
                    && !self.allow(Ipv6Addr::LOCALHOST.into())
            }
            None => false,
        }
    }

    fn list(&self, address: IpAddr) -> bool {
        self.allowed.iter().any(|network| network.contains(&address))
    }
}

pub(crate) fn network(text: &str) -> Result<IpNet, NetworkError> {
    let unreadable = || NetworkError::Unreadable { text: text.to_owned() };
    let network = if text.contains('/') {
        text.parse::<IpNet>().map_err(|_cause| unreadable())?
    } else {
        text.parse::<IpAddr>().map_err(|_cause| unreadable())?.into()
    };
    if let IpAddr::V6(address) = network.addr()
        && address.to_ipv4_mapped().is_some()
    {
        return Err(NetworkError::Mapped { text: text.to_owned() });
    }
    let meant = network.trunc();
    if meant == network {
        Ok(network)
    } else {
        Err(NetworkError::HostBits { text: text.to_owned(), meant })
    }
}

#[cfg(test)]
mod tests;
