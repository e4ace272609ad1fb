//! Cursors: where the next page begins, sealed so that they cannot be forged or used with another list.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::usecase::{Error, Result};

/// Seals cursors with a key of the archive; all its instances share it.
#[derive(Clone)]
pub struct CursorSeal {
    key: [u8; 32],
}

/// Bytes of the seal (HMAC-SHA-256, cut).
const SEAL: usize = 16;

impl CursorSeal {
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The cursor for a position in the list that `list` describes.
    pub fn seal(&self, list: &str, position: &impl Serialize) -> String {
        let mut bytes = serde_json::to_vec(position).unwrap_or_default();
        let mac = self.mac(list, &bytes).finalize().into_bytes();
        bytes.extend_from_slice(&mac[..SEAL]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position a cursor stands for. Cursors of another list, of another archive or made up are refused.
    pub fn open<T: DeserializeOwned>(&self, list: &str, cursor: &str) -> Result<T> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Error::InvalidCursor)?;
        let at = bytes.len().checked_sub(SEAL).ok_or(Error::InvalidCursor)?;
        let (position, seal) = bytes.split_at(at);
        self.mac(list, position).verify_truncated_left(seal).map_err(|_| Error::InvalidCursor)?;
        serde_json::from_slice(position).map_err(|_| Error::InvalidCursor)
    }

    fn mac(&self, list: &str, position: &[u8]) -> Hmac<Sha256> {
        // The block of SHA-256 has 64 bytes; HMAC pads a shorter key with zeros (RFC 2104).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.key);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        mac.update(list.as_bytes());
        mac.update(&[0]);
        mac.update(position);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_for_its_own_list_only() {
        let seal = CursorSeal::new([7; 32]);
        let cursor = seal.seal("people?sex=male", &(12, "x"));
        assert_eq!(seal.open::<(i64, String)>("people?sex=male", &cursor).unwrap(), (12, "x".to_owned()));
        assert!(seal.open::<(i64, String)>("people?sex=female", &cursor).is_err());
        assert!(CursorSeal::new([8; 32]).open::<(i64, String)>("people?sex=male", &cursor).is_err());
        for forged in ["", "x", "!!!", &cursor[1..], "AAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(seal.open::<(i64, String)>("people?sex=male", forged).is_err(), "{forged}");
        }
    }
}
