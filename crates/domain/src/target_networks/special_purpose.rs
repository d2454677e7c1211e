//! Addresses that are not public: the IANA special-purpose registries (RFC 6890 and its updates), and the metadata
//! services of clouds.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(address: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = address;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(start: [u16; 3], prefix: u8) -> Ipv6Net {
    let [a, b, c] = start;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// IPv4 networks that are not public.
const V4: [Ipv4Net; 19] = [
    v4([0, 0, 0, 0], 8),        // this network; 0.0.0.0 connects to this machine
    v4([10, 0, 0, 0], 8),       // private
    v4([100, 64, 0, 0], 10),    // carrier-grade NAT; contains the metadata service of Alibaba Cloud
    v4([127, 0, 0, 0], 8),      // loopback
    v4([168, 63, 129, 16], 32), // the platform services of Azure, which answer its virtual machines only
    v4([169, 254, 0, 0], 16),   // link-local; contains the metadata services of most clouds
    v4([172, 16, 0, 0], 12),    // private
    v4([192, 0, 0, 0], 24), // protocol assignments; contains the metadata service of Oracle Cloud
    v4([192, 0, 2, 0], 24), // documentation
    v4([192, 31, 196, 0], 24), // AS112
    v4([192, 52, 193, 0], 24), // multicast tunnels
    v4([192, 88, 99, 0], 24), // relays of 6to4
    v4([192, 168, 0, 0], 16), // private
    v4([192, 175, 48, 0], 24), // AS112
    v4([198, 18, 0, 0], 15), // benchmarking
    v4([198, 51, 100, 0], 24), // documentation
    v4([203, 0, 113, 0], 24), // documentation
    v4([224, 0, 0, 0], 4),  // multicast
    v4([240, 0, 0, 0], 4),  // reserved, and broadcast
];

/// The only IPv6 network with public addresses (RFC 4291). Loopback, unspecified, unique local, link-local, site-local and
/// multicast addresses are outside.
const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0], 3);

/// IPv6 networks in [`GLOBAL_UNICAST`] that are not public.
const V6: [Ipv6Net; 5] = [
    v6([0x2001, 0, 0], 23), // protocol assignments: Teredo, benchmarking, ORCHID
    v6([0x2001, 0xdb8, 0], 32), // documentation
    v6([0x2002, 0, 0], 16), // 6to4
    v6([0x2620, 0x4f, 0x8000], 48), // AS112
    v6([0x3fff, 0, 0], 20), // documentation
];

const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0], 96);
const NAT64_LOCAL: Ipv6Net = v6([0x64, 0xff9b, 1], 48);
const TEREDO: Ipv6Net = v6([0x2001, 0, 0], 32);
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0], 16);
const COMPATIBLE: Ipv6Net = v6([0, 0, 0], 96);

pub(super) fn is_public_v4(address: Ipv4Addr) -> bool {
    !V4.iter().any(|network| network.contains(&address))
}

pub(super) fn is_public_v6(address: Ipv6Addr) -> bool {
    GLOBAL_UNICAST.contains(&address) && !V6.iter().any(|network| network.contains(&address))
}

/// The IPv4 address to which a gateway or tunnel forwards packets for this address. The addresses `::` and `::1` have none.
pub(super) fn translated(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    let at = |start: usize| {
        let bytes = octets.get(start..start + 4)?;
        <[u8; 4]>::try_from(bytes).ok().map(Ipv4Addr::from)
    };
    if address.is_unspecified() || address.is_loopback() {
        None
    } else if COMPATIBLE.contains(&address)
        || NAT64.contains(&address)
        || NAT64_LOCAL.contains(&address)
    {
        at(12)
    } else if SIX_TO_FOUR.contains(&address) {
        at(2)
    } else if TEREDO.contains(&address) {
        // Teredo stores the address of the client inverted (RFC 4380).
        at(12).map(|inverted| Ipv4Addr::from(!u32::from(inverted)))
    } else {
        None
    }
}
