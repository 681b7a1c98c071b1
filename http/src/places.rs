//! A limit on what one address has open at the same time, such as connections or event streams.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use crate::{identity::address::Network, sync::lock};

/// Places of each address.
#[derive(Debug, Clone)]
pub struct PlacesPerAddress {
    max: usize,
    taken: Arc<Mutex<HashMap<Network, usize>>>,
}

/// A place of an address, until dropped.
#[derive(Debug)]
pub struct Place {
    taken: Arc<Mutex<HashMap<Network, usize>>>,
    networks: Vec<Network>,
}

impl PlacesPerAddress {
    /// Places for `max` of an IPv4 address or an IPv6 /64, and for some more of the larger IPv6 networks around it. 0 is no
    /// limit.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self { max, taken: Arc::default() }
    }

    /// Takes a place, or returns `None` if the address has all of its own.
    #[must_use]
    pub fn take(&self, address: IpAddr) -> Option<Place> {
        let networks = if self.max == 0 { Vec::new() } else { Network::around(address) };
        let mut taken = lock(&self.taken);
        let is_full = |network: &Network| {
            taken.get(network).is_some_and(|count| *count >= self.max.saturating_mul(network.share()))
        };
        if networks.iter().any(is_full) {
            return None;
        }
        for network in &networks {
            *taken.entry(*network).or_default() += 1;
        }
        Some(Place { taken: Arc::clone(&self.taken), networks })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        for network in &self.networks {
            if let Some(count) = taken.get_mut(network) {
                *count -= 1;
                if *count == 0 {
                    taken.remove(network);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    #[test]
    fn an_address_has_so_many_places_and_is_forgotten_without_any() {
        let places = PlacesPerAddress::new(2);
        let first = places.take(at("192.0.2.1")).expect("a place");
        let second = places.take(at("::ffff:192.0.2.1")).expect("another");
        assert!(places.take(at("192.0.2.1")).is_none());
        let other = places.take(at("192.0.2.2")).expect("a place of another address");
        drop(first);
        let third = places.take(at("192.0.2.1")).expect("the place that was given back");
        drop((second, third, other));
        assert!(lock(&places.taken).is_empty());
    }

    #[test]
    fn a_large_ipv6_network_has_few_more_places_than_a_small_one() {
        let places = PlacesPerAddress::new(2);
        let taken: Vec<_> = (0..=u16::MAX)
            .filter_map(|subnet| places.take(at(&format!("2001:db8:1:{subnet:x}::1"))))
            .collect();
        assert_eq!(taken.len(), 32, "a /48 has sixteen times as many as a /64");
        assert!(places.take(at("2001:db8:2::1")).is_some());
    }

    #[test]
    fn zero_is_no_limit() {
        let places = PlacesPerAddress::new(0);
        let taken: Vec<_> = (0..1_000).filter_map(|_| places.take(at("192.0.2.1"))).collect();
        assert_eq!(taken.len(), 1_000);
    }
}
