//! The client's address. The header that carries it is trusted only from configured proxies.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};

use crate::Edge;

/// Proxies whose `X-Forwarded-For` is trusted: addresses and networks, separated by commas. Empty: none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// An address, or a network of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Network {
    address: IpAddr,
    prefix: u8,
}

/// IPv6 networks that count as one client: the /64 of a customer's line, the /56 and /48 that providers give to customers and
/// offices, and how many times as much as a /64 each of them may have. Without the large ones a single line has 65,536 quotas.
const IPV6_SHARES: [(u8, usize); 3] = [(64, 1), (56, 4), (48, 16)];

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        self == Self::of(address, self.prefix)
    }

    /// The network of an address, with the bits after the prefix cleared.
    fn of(address: IpAddr, prefix: u8) -> Self {
        let address = match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix.into())).unwrap_or(0);
                Ipv4Addr::from_bits(address.to_bits() & mask).into()
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                Ipv6Addr::from_bits(address.to_bits() & mask).into()
            }
        };
        Self { address, prefix }
    }

    /// The networks whose quotas an address uses, at least one: itself, or the IPv6 networks around it, the smallest first.
    pub(crate) fn around(address: IpAddr) -> Vec<Self> {
        let address = address.to_canonical();
        if address.is_ipv4() {
            return vec![Self::of(address, 32)];
        }
        IPV6_SHARES.iter().map(|(prefix, _)| Self::of(address, *prefix)).collect()
    }

    /// Multiple of the quota of a single address or /64 that the network has.
    pub(crate) fn share(self) -> usize {
        let found = IPV6_SHARES.iter().find(|(prefix, _)| self.address.is_ipv6() && *prefix == self.prefix);
        found.map_or(1, |(_, share)| *share)
    }
}

impl FromStr for TrustedProxies {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = |text: &str| {
            let wrong = || NotANetwork(text.to_owned());
            let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
            let address: IpAddr = address.parse().map_err(|_| wrong())?;
            let bits = if address.is_ipv4() { 32 } else { 128 };
            let prefix = prefix.map_or(Ok(bits), |prefix| prefix.parse().map_err(|_| wrong()))?;
            if prefix > bits { Err(wrong()) } else { Ok(Network::of(address, prefix)) }
        };
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// A text that is not a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address or a network like 10.0.0.0/8")]
pub struct NotANetwork(String);

impl TrustedProxies {
    /// The client's address: the peer or, behind trusted proxies, the last forwarded address that is not a proxy. If all are, the
    /// first: it is closest to the client, and the peer would be the same for everybody.
    #[must_use]
    pub fn client(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip().to_canonical());
        if !self.trusts(peer) {
            return peer;
        }
        let hops = headers.get_all("x-forwarded-for").iter().rev().filter_map(|value| value.to_str().ok());
        let addresses = hops.flat_map(|hops| hops.rsplit(',')).map_while(hop);
        let mut client = peer;
        for address in addresses {
            client = address;
            if !self.trusts(address) {
                break;
            }
        }
        client
    }

    /// Returns true for the address of a trusted proxy.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(address))
    }
}

/// The address of a hop, as proxies write it: bare, in brackets, or with the port of the connection.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|hop| hop.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// The address range that counts as one client: an IPv4 address, or the /64 usually assigned to an IPv6 customer.
#[must_use]
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    Network::around(address)[0].address
}

/// The address of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientAddress
where
    Arc<Edge>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(Arc::from_ref(state).proxies.client(&parts.headers, &parts.extensions)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &str, peer: &str, forwarded: &[&'static str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        proxies.parse::<TrustedProxies>().unwrap().client(&headers, &extensions).to_string()
    }

    #[test]
    fn a_header_from_an_untrusted_peer_is_ignored() {
        assert_eq!(client("", "203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
        assert_eq!(client("10.0.0.0/8", "203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
    }

    #[test]
    fn behind_proxies_the_last_address_that_is_not_a_proxy_counts() {
        let proxies = "10.0.0.0/8, ::1";
        assert_eq!(client(proxies, "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(proxies, "::1", &["6.6.6.6, 198.51.100.1, 10.9.9.9"]), "198.51.100.1");
        assert_eq!(client(proxies, "::1", &["6.6.6.6", "198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn clients_within_the_network_of_the_proxies_have_addresses_of_their_own() {
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["10.7.7.7, 10.9.9.9"]), "10.7.7.7");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["10.8.8.8, 10.9.9.9"]), "10.8.8.8");
    }

    #[test]
    fn a_hop_may_have_a_port_or_be_an_ipv4_address_in_ipv6() {
        for (forwarded, address) in [
            ("203.0.113.7:51001", "203.0.113.7"),
            ("[2001:db8:1::7]:443", "2001:db8:1::7"),
            ("[2001:db8:1::7]", "2001:db8:1::7"),
            ("\"[2001:db8:1::7]:443\"", "2001:db8:1::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("198.51.100.19, ::ffff:127.0.0.1", "198.51.100.19"),
            ("198.51.100.19:40022, [::ffff:127.0.0.1]:443", "198.51.100.19"),
        ] {
            assert_eq!(client("127.0.0.0/8", "127.0.0.1", &[forwarded]), address, "{forwarded}");
        }
        // An invalid address ends the search.
        assert_eq!(client("127.0.0.0/8", "127.0.0.1", &["6.6.6.6, unknown:1"]), "127.0.0.1");
    }

    #[test]
    fn without_a_forwarded_address_the_peer_counts() {
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["unknown"]), "10.1.2.3");
    }

    #[test]
    fn networks_are_validated() {
        for wrong in ["10.0.0.0/33", "nobody", "10.0.0.0/x"] {
            assert_eq!(wrong.parse::<TrustedProxies>(), Err(NotANetwork(wrong.to_owned())));
        }
        assert!("0.0.0.0/0".parse::<TrustedProxies>().unwrap().trusts("1.2.3.4".parse().unwrap()));
    }

    #[test]
    fn an_ipv6_address_counts_for_its_line_and_the_networks_of_its_provider() {
        let around = |address: &str| Network::around(address.parse().unwrap());
        assert_eq!(around("2001:db8:1:2::1"), around("2001:db8:1:2:ffff::9"));
        let (one, other) = (around("2001:db8:1:2::1"), around("2001:db8:1:3::1"));
        assert!(one[0] != other[0] && one[1..] == other[1..]);
        assert_eq!(one.iter().map(|network| network.share()).collect::<Vec<_>>(), [1, 4, 16]);
        assert_ne!(around("192.0.2.1"), around("192.0.2.2"));
        assert_eq!(around("::ffff:192.0.2.1"), around("192.0.2.1"));
    }
}
