use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;
use url::{Host, Url};

use super::{NetworkError, TargetNetworks};

/// Addresses in URLs, each of which is refused unless it is listed.
const REFUSED: [&str; 72] = [
    "127.0.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "0",
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "0xa.1",
    "012.0.0.1",
    "100.64.0.0",
    "100.100.100.200",
    "100.127.255.255",
    "168.63.129.16",
    "169.254.169.254",
    "169.254.0.0",
    "169.254.255.255",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.0",
    "192.168.255.255",
    "192.175.48.1",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::8.8.8.8]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:8.8.8.8]",
    "[::ffff:0:8.8.8.8]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b:1::8.8.8.8]",
    "[100::1]",
    "[2001::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[2002:808:808::]",
    "[3fff::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[ff02::1]",
];

/// Addresses in URLs that are public.
const PUBLIC: [&str; 18] = [
    "1.1.1.1",
    "134744072",
    "0x8.0x8.0x8.0x8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.169.0.0",
    "198.20.0.0",
    "223.255.255.255",
    "[2606:4700:4700::1111]",
    "[2001:4860:4860::8888]",
    "[2a00:1450::1]",
];

fn url(host: &str) -> Url {
    Url::parse(&format!("http://{host}/")).unwrap()
}

fn address(host: &str) -> IpAddr {
    match url(host).host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        other => panic!("{host} is {other:?}"),
    }
}

fn networks(text: &str) -> TargetNetworks {
    TargetNetworks::parse(text).unwrap()
}

#[test]
fn addresses_that_are_not_public_are_refused_in_every_spelling() {
    for host in REFUSED {
        assert!(!TargetNetworks::default().allow(address(host)), "{host}");
        assert!(TargetNetworks::default().refuse_host(&url(host)), "{host}");
    }
}

#[test]
fn public_addresses_are_allowed() {
    for host in PUBLIC {
        assert!(TargetNetworks::default().allow(address(host)), "{host}");
        assert!(!TargetNetworks::default().refuse_host(&url(host)), "{host}");
    }
}

#[test]
fn listed_networks_are_allowed_and_no_others() {
    let listed = networks("10.1.0.0/16, fd12::/16,192.168.1.7");
    for host in ["10.1.2.3", "[fd12::1]", "192.168.1.7", "[::ffff:10.1.2.3]", "8.8.8.8"] {
        assert!(listed.allow(address(host)), "{host}");
    }
    for host in ["10.2.0.1", "[fd13::1]", "192.168.1.8", "127.0.0.1", "[::ffff:10.2.0.1]"] {
        assert!(!listed.allow(address(host)), "{host}");
    }
    let translated = ["[64:ff9b::10.1.2.3]", "[2002:a01:203::]", "[::10.1.2.3]"];
    assert!(!translated.iter().any(|host| listed.allow(address(host))));
}

#[test]
fn a_listed_gateway_does_not_open_the_private_addresses_behind_it() {
    let listed = networks("64:ff9b::/96");
    assert!(listed.allow(address("[64:ff9b::8.8.8.8]")));
    assert!(!listed.allow(address("[64:ff9b::169.254.169.254]")));
    assert!(networks("64:ff9b::/96,10.0.0.0/8").allow(address("[64:ff9b::10.0.0.1]")));
}

#[test]
fn names_of_this_machine_are_known_before_their_resolution() {
    for name in ["localhost", "LOCALHOST", "localhost.", "api.localhost"] {
        assert!(TargetNetworks::default().refuse_host(&url(name)), "{name}");
        assert!(!TargetNetworks::loopback().refuse_host(&url(name)), "{name}");
    }
    assert!(!TargetNetworks::default().refuse_host(&url("localhost.example.com")));
}

#[test]
fn every_mistake_in_a_list_is_returned() {
    let mistakes = TargetNetworks::parse("10.0.0.1/8,nonsense,10.0.0.0/33,::ffff:0:0/96,fd00::/8");
    let texts: Vec<String> = mistakes.unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "is \"10.0.0.1/8\", which has bits set after its prefix; use 10.0.0.0/8",
            "is \"nonsense\", which is not a network; use for example 10.0.0.0/8 or fd00::/8",
            "is \"10.0.0.0/33\", which is not a network; use for example 10.0.0.0/8 or fd00::/8",
            "is \"::ffff:0:0/96\"; write IPv4 networks in IPv4 notation, for example 10.0.0.0/8",
        ]
    );
    let unreadable = NetworkError::Unreadable { text: "a".to_owned() };
    assert_eq!(TargetNetworks::parse("a"), Err(vec![unreadable]));
    assert_eq!(TargetNetworks::parse(" , "), Ok(TargetNetworks::default()));
}

proptest! {
    #[test]
    fn an_ipv4_address_is_judged_alike_in_every_spelling(bits: u32) {
        let v4 = Ipv4Addr::from(bits);
        let expected = TargetNetworks::default().allow(v4.into());
        let [a, b, c, d] = v4.octets();
        for host in [
            format!("{bits}"),
            format!("{bits:#x}"),
            format!("0{bits:o}"),
            format!("{a:#x}.{b:#o}.{c}.{d}").replace("0o", "0"),
            format!("{a}.{}", bits & 0x00ff_ffff),
        ] {
            prop_assert_eq!(address(&host), IpAddr::from(v4));
            prop_assert_eq!(TargetNetworks::default().refuse_host(&url(&host)), !expected);
        }
    }

    #[test]
    fn an_ipv4_address_in_an_ipv6_address_is_refused(bits: u32) {
        let [a, b] = [(bits >> 16) as u16, (bits & 0xffff) as u16];
        for v6 in [
            Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, a, b),
            Ipv6Addr::new(0, 0, 0, 0, 0, 0, a, b),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
            Ipv6Addr::new(0x2002, a, b, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, 1, 1, 0, 0, !a, !b),
        ] {
            prop_assert!(!TargetNetworks::default().allow(v6.into()));
        }
    }

    #[test]
    fn what_the_standard_library_knows_as_not_public_is_refused(bits: u32, wide: u128) {
        let v4 = Ipv4Addr::from(bits);
        if v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
            || v4.is_broadcast() || v4.is_documentation() || v4.is_unspecified()
        {
            prop_assert!(!TargetNetworks::default().allow(v4.into()));
        }
        let v6 = Ipv6Addr::from(wide);
        if v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_multicast() {
            prop_assert!(!TargetNetworks::default().allow(v6.into()));
        }
    }

    #[test]
    fn a_list_never_refuses_what_is_allowed_without_it(bits: u32, prefix in 0_u8..=32, other: u32) {
        let listed = ipnet::Ipv4Net::new(Ipv4Addr::from(other), prefix).unwrap().trunc();
        let listed = networks(&listed.to_string());
        let v4 = IpAddr::from(Ipv4Addr::from(bits));
        prop_assert!(!TargetNetworks::default().allow(v4) || listed.allow(v4));
    }
}
