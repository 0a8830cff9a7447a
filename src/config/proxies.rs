//! Proxies whose word of where a request comes from counts.

use std::net::IpAddr;

use super::ConfigError;

/// Networks of proxies that are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(IpAddr, u32)>);

impl Proxies {
    /// From networks as they are written: `10.0.0.0/8`, or one address.
    ///
    /// # Errors
    /// Names the one that is none.
    pub fn read(networks: &[String]) -> Result<Self, ConfigError> {
        let read = |text: &String| {
            network(text).ok_or_else(|| {
                let reason = format!("“{text}” is neither an address nor ADDRESS/BITS");
                ConfigError::key("trusted_proxies", reason)
            })
        };
        networks.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address is one of them.
    #[must_use]
    pub fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|(network, bits)| {
            let ((network, width), (address, other)) = (number(*network), number(address));
            let beyond = width - bits;
            width == other && network.checked_shr(beyond) == address.checked_shr(beyond)
        })
    }
}

fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match text.trim().split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse().ok()?)),
        None => (text.trim(), None),
    };
    let address = address.parse::<IpAddr>().ok()?;
    let (_, width) = number(address);
    let bits = bits.unwrap_or(width);
    (bits <= width).then_some((address, bits))
}

/// An address as a number, and how many bits that has.
fn number(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(networks: &[&str]) -> Result<Proxies, ConfigError> {
        Proxies::read(&networks.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn an_address_is_trusted_as_far_as_it_lies_in_a_network() {
        let proxies = proxies(&["10.1.0.0/16", "192.0.2.7", "2001:db8::/32", "::1"]).unwrap();
        let trust = |text: &str| proxies.trust(text.parse().unwrap());
        for own in ["10.1.255.1", "::ffff:10.1.2.3", "192.0.2.7", "2001:db8:9::1", "::1"] {
            assert!(trust(own), "{own}");
        }
        for other in ["10.2.0.1", "192.0.2.8", "2001:db9::1", "::2", "127.0.0.1"] {
            assert!(!trust(other), "{other}");
        }
        assert!(!Proxies::default().trust("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn all_may_be_trusted_and_what_is_no_network_is_named() {
        let all = proxies(&["0.0.0.0/0", "::/0"]).unwrap();
        assert!(all.trust("203.0.113.9".parse().unwrap()));
        assert!(all.trust("2001:db8::1".parse().unwrap()));
        for bad in ["", "proxy.example", "10.0.0.0/33", "10.0.0.0/x", "::/129", "10.0.0.0/-1"] {
            let why = proxies(&[bad]).unwrap_err().to_string();
            assert!(why.starts_with("trusted_proxies: "), "{why}");
        }
    }
}
