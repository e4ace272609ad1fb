//! Access tokens: short-lived JWTs, signed with Ed25519 by a key the archive makes for itself.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use crate::{
    model::canon::sha256_hex,
    store::Store,
    usecase::{Error, Result},
};

/// What tokens say of themselves.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// `iss` and `aud`.
    pub issuer: String,
    pub access_lifetime: Duration,
    pub session_lifetime: Duration,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            issuer: "kartoteka".into(),
            access_lifetime: Duration::from_secs(15 * 60),
            session_lifetime: Duration::from_secs(30 * 24 * 3600),
        }
    }
}

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    pub iss: String,
    pub aud: String,
    /// User id.
    pub sub: String,
    /// Session id.
    pub sid: String,
    pub iat: u64,
    pub exp: u64,
    pub jti: String,
}

/// Makes and reads access tokens.
pub struct Tokens {
    pub settings: TokenSettings,
    key_id: String,
    signing: EncodingKey,
    verifying: DecodingKey,
}

const KEY_NAME: &str = "token-signing-key";

impl Tokens {
    /// Takes the archive's key, or makes one on the first start.
    pub fn open(store: &Store, settings: TokenSettings, now: i64) -> Result<Self> {
        let seed = secret_bytes(store, KEY_NAME, now)?;
        let key = SigningKey::from_bytes(&seed);
        let der = key.to_pkcs8_der().map_err(|e| Error::Internal(format!("encoding the signing key: {e}")))?;
        let public = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
        Ok(Self {
            settings,
            key_id: sha256_hex(key.verifying_key().as_bytes()).chars().take(16).collect(),
            signing: EncodingKey::from_ed_der(der.as_bytes()),
            verifying: DecodingKey::from_ed_components(&public)
                .map_err(|e| Error::Internal(format!("reading the signing key: {e}")))?,
        })
    }

    /// A token for a session.
    pub fn issue(&self, user_id: &str, session_id: &str, now: i64) -> Result<String> {
        let seconds = u64::try_from(now / 1_000_000).unwrap_or_default();
        let claims = AccessClaims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.issuer.clone(),
            sub: user_id.to_owned(),
            sid: session_id.to_owned(),
            iat: seconds,
            exp: seconds + self.settings.access_lifetime.as_secs(),
            jti: uuid::Uuid::new_v4().to_string(),
        };
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::EdDSA) };
        encode(&header, &claims, &self.signing).map_err(|e| Error::Internal(format!("signing a token: {e}")))
    }

    /// Reads a token: signed by the archive's key with EdDSA, for this archive, not expired.
    pub fn read(&self, token: &str) -> Result<AccessClaims> {
        let header = decode_header(token).map_err(|_| Error::InvalidToken("it is not a token of this archive"))?;
        if header.kid.as_deref() != Some(&self.key_id) {
            return Err(Error::InvalidToken("it is signed with a key this archive does not know"));
        }
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 5;
        match decode::<AccessClaims>(token, &self.verifying, &validation) {
            Ok(data) => Ok(data.claims),
            Err(e) if matches!(e.kind(), jsonwebtoken::errors::ErrorKind::ExpiredSignature) => {
                Err(Error::InvalidToken("it has expired"))
            }
            Err(_) => Err(Error::InvalidToken("it is not a token of this archive")),
        }
    }
}

/// A secret of 256 bits that the archive keeps; made when it is first asked for.
pub fn secret_bytes(store: &Store, name: &str, now: i64) -> Result<[u8; 32]> {
    let text = store.write(|tx| -> Result<String> {
        if let Some(value) = tx.secret(name)? {
            return Ok(value);
        }
        let value = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        tx.insert_secret(name, &value, now)?;
        Ok(value)
    })?;
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
    bytes.ok_or_else(|| Error::Internal(format!("the stored secret {name} cannot be read")))
}
