//! Free ports.

use std::net::{IpAddr, TcpListener};

use crate::error::PostgresError;

/// Below the range that systems take outgoing ports from, so that no connection takes the port before the server does.
const CANDIDATES: std::ops::Range<u16> = 20_000..32_000;

/// How many candidates are tried.
const TRIES: usize = 200;

/// A port that is free on all of these addresses now, so that the servers can share it and the address alone tells them apart.
pub fn free_port(addresses: &[IpAddr]) -> Result<u16, PostgresError> {
    (0..TRIES)
        .map(|_| rand::random_range(CANDIDATES))
        .find(|port| {
            let bound: Result<Vec<_>, _> =
                addresses.iter().map(|address| TcpListener::bind((*address, *port))).collect();
            bound.is_ok()
        })
        .ok_or_else(|| PostgresError::NoFreePort { addresses: format!("{addresses:?}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_can_be_bound_on_every_address() {
        let addresses = [IpAddr::from([127, 0, 1, 1]), IpAddr::from([127, 0, 2, 1])];
        let port = free_port(&addresses).unwrap();
        // A program that another test is just starting may still hold a listener that was tried.
        let bind = |address: IpAddr| {
            (0..100)
                .find_map(|_| {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                    TcpListener::bind((address, port)).ok()
                })
                .unwrap()
        };
        let held = addresses.map(bind);
        assert!(TcpListener::bind((addresses[0], port)).is_err());
        drop(held);
    }
}
