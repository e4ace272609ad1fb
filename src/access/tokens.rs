//! Access tokens: short-lived JWTs, signed with Ed25519 by keys the archive makes for itself and can rotate.

use std::{
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    audit::{Act, note},
    secret::Secret,
};
use crate::{
    model::{canon::sha256_hex, time::to_rfc3339},
    store::{RunningAt, SigningKeyRow, Store, WriteTx},
    usecase::{Archive, Authority, Error, Result, micros},
};

/// What tokens say of themselves.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// `iss` and `aud`.
    pub issuer: String,
    pub access_lifetime: Duration,
    pub session_lifetime: Duration,
    /// How long a session may go unused; `None` when that does not end it.
    pub session_idle: Option<Duration>,
    /// How long sessions, invitations and resets are kept after their end.
    pub retention: Duration,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self {
            issuer: "kartoteka".into(),
            access_lifetime: Duration::from_secs(15 * 60),
            session_lifetime: Duration::from_secs(30 * 24 * 3600),
            session_idle: Some(Duration::from_secs(14 * 24 * 3600)),
            retention: Duration::from_secs(90 * 24 * 3600),
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

/// The public keys that access tokens are signed with now (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub struct Jwks {
    pub keys: Vec<Jwk>,
}

/// A public key (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub struct Jwk {
    #[schema(example = "OKP")]
    pub kty: &'static str,
    #[schema(example = "Ed25519")]
    pub crv: &'static str,
    #[schema(example = "EdDSA")]
    pub alg: &'static str,
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    pub usage: &'static str,
    #[schema(example = "9f2c4b1d7e3a5c60")]
    pub kid: String,
    /// The key, base64url.
    pub x: String,
}

/// A signing key as the operator sees it.
#[derive(Debug)]
pub struct KeyView {
    pub kid: String,
    pub created_at: String,
    /// When its tokens stop or stopped being valid.
    pub retires_at: Option<String>,
    pub is_valid: bool,
}

/// Makes and reads access tokens.
pub struct Tokens {
    pub settings: TokenSettings,
    ring: RwLock<Ring>,
}

/// The keys as they were read last.
struct Ring {
    /// Newest first.
    keys: Vec<Key>,
    read_at: Instant,
}

#[derive(Clone)]
struct Key {
    kid: String,
    retires_at: Option<i64>,
    public: String,
    signing: EncodingKey,
    verifying: DecodingKey,
}

/// Where the one key was kept before there was a table of them.
const OLD_NAME: &str = "token-signing-key";
/// Another instance may have made a new key: it is used after this time at the latest.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(60);
const UNKNOWN_KEY: &str = "it is signed with a key this archive does not know";
/// Tokens with made-up key ids must not keep the database busy.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(1);

impl Key {
    fn read(row: SigningKeyRow) -> Result<Self> {
        let seed = seed_bytes(&row.seed).ok_or_else(|| Error::Internal(format!("signing key {}", row.kid)))?;
        let key = SigningKey::from_bytes(&seed);
        let der = key.to_pkcs8_der().map_err(|e| Error::Internal(format!("encoding a signing key: {e}")))?;
        let public = URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes());
        Ok(Self {
            kid: row.kid,
            retires_at: row.retires_at,
            signing: EncodingKey::from_ed_der(der.as_bytes()),
            verifying: DecodingKey::from_ed_components(&public)
                .map_err(|e| Error::Internal(format!("reading a signing key: {e}")))?,
            public,
        })
    }

    fn is_valid(&self, now: i64) -> bool {
        is_valid(self.retires_at, now)
    }
}

fn is_valid(retires_at: Option<i64>, now: i64) -> bool {
    retires_at.is_none_or(|at| at > now)
}

fn seed_bytes(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok().and_then(|b| <[u8; 32]>::try_from(b).ok())
}

/// The row of a new key with this seed.
fn row_of(seed: String, now: i64) -> Result<SigningKeyRow> {
    let bytes = seed_bytes(&seed).ok_or_else(|| Error::Internal("the stored signing key cannot be read".into()))?;
    let public = SigningKey::from_bytes(&bytes).verifying_key();
    let kid = sha256_hex(public.as_bytes()).chars().take(16).collect();
    Ok(SigningKeyRow { kid, seed, created_at: now, retires_at: None })
}

fn new_seed() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

fn read_ring(store: &Store) -> Result<Vec<Key>> {
    let rows = store.read_fresh(|tx| -> Result<_> { Ok(tx.signing_keys()?) })?;
    rows.into_iter().map(Key::read).collect()
}

/// Sees to it that there is a key to sign with: takes over the one of earlier versions, or makes one.
fn ensure_key(tx: &mut WriteTx, now: i64) -> Result<()> {
    if tx.signing_keys()?.iter().any(|key| key.retires_at.is_none()) {
        return Ok(());
    }
    let seed = tx.secret(OLD_NAME)?;
    if seed.is_some() {
        tx.delete_secret(OLD_NAME)?;
    }
    Ok(tx.insert_signing_key(&row_of(seed.unwrap_or_else(new_seed), now)?)?)
}

impl TokenSettings {
    /// Which sessions run now.
    pub fn running(&self, now: i64) -> RunningAt {
        let idle_since = self.session_idle.map_or(i64::MIN, |idle| now.saturating_sub(micros(idle)));
        RunningAt { now, idle_since }
    }
}

impl Tokens {
    /// Takes the archive's keys, or makes one on the first start.
    pub fn open(archive: &Archive, settings: TokenSettings) -> Result<Self> {
        let now = archive.now();
        archive.write(Authority::Archive, |tx| ensure_key(tx, now))?;
        let ring = Ring { keys: read_ring(&archive.store)?, read_at: Instant::now() };
        Ok(Self { settings, ring: RwLock::new(ring) })
    }

    /// Reads the keys again when they were read longer ago than that. A database that does not answer leaves the old ones.
    fn read_again(&self, store: &Store, after: Duration) {
        {
            let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
            if ring.read_at.elapsed() < after {
                return;
            }
            // Others go on with the old keys meanwhile.
            ring.read_at = Instant::now();
        }
        match read_ring(store) {
            Ok(keys) => self.ring.write().unwrap_or_else(PoisonError::into_inner).keys = keys,
            Err(error) => tracing::warn!(%error, "the signing keys could not be read again"),
        }
    }

    fn find(&self, fits: impl Fn(&Key) -> bool) -> Option<Key> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.keys.iter().find(|key| fits(key)).cloned()
    }

    fn is_stale(&self) -> bool {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).read_at.elapsed() >= READ_AGAIN_AFTER
    }

    /// Reads the keys again when they have not been for a while.
    pub fn keep_fresh(&self, store: &Store) {
        if self.is_stale() {
            self.read_again(store, READ_AGAIN_AFTER);
        }
    }

    /// A token for a session, signed with the newest key.
    pub fn issue(&self, store: &Store, user_id: &str, session_id: &str, now: i64) -> Result<Secret> {
        self.keep_fresh(store);
        let newest = self.find(|key| key.retires_at.is_none()).or_else(|| self.find(|key| key.is_valid(now)));
        let key = newest.ok_or_else(|| Error::Internal("there is no key to sign with".into()))?;
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
        let header = Header { kid: Some(key.kid), ..Header::new(Algorithm::EdDSA) };
        let token = encode(&header, &claims, &key.signing);
        Ok(Secret::new(token.map_err(|e| Error::Internal(format!("signing a token: {e}")))?))
    }

    /// Reads a token: signed by a key that is valid now, with EdDSA, for this archive, not expired. A key that is not
    /// known here is asked for once more, since another instance may have made it.
    pub fn read(&self, store: &Store, token: &str, now: i64) -> Result<AccessClaims> {
        self.keep_fresh(store);
        match self.verify(token, now) {
            Err(Error::InvalidToken(UNKNOWN_KEY)) => {
                self.read_again(store, ASK_AGAIN_AFTER);
                self.verify(token, now)
            }
            outcome => outcome,
        }
    }

    /// The same by the keys as they were read last, without the database.
    pub fn verify(&self, token: &str, now: i64) -> Result<AccessClaims> {
        let header = decode_header(token).map_err(|_| Error::InvalidToken("it is not a token of this archive"))?;
        let unknown = Error::InvalidToken(UNKNOWN_KEY);
        let Some(kid) = header.kid else { return Err(unknown) };
        let key = self.find(|key| key.kid == kid && key.is_valid(now)).ok_or(unknown)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 5;
        match decode::<AccessClaims>(token, &key.verifying, &validation) {
            Ok(data) => Ok(data.claims),
            Err(e) if matches!(e.kind(), jsonwebtoken::errors::ErrorKind::ExpiredSignature) => {
                Err(Error::InvalidToken("it has expired"))
            }
            Err(_) => Err(Error::InvalidToken("it is not a token of this archive")),
        }
    }

    /// The public halves of the valid keys.
    pub fn jwks(&self, store: &Store, now: i64) -> Jwks {
        self.keep_fresh(store);
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let jwk = |key: &Key| Jwk {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            usage: "sig",
            kid: key.kid.clone(),
            x: key.public.clone(),
        };
        Jwks { keys: ring.keys.iter().filter(|key| key.is_valid(now)).map(jwk).collect() }
    }
}

/// Makes a new signing key; tokens of the old ones stay valid for the overlap. Returns its id.
pub fn rotate_keys(archive: &Archive, overlap: Duration) -> Result<String> {
    let now = archive.now();
    archive.write(Authority::Operator, |tx| {
        ensure_key(tx, now)?;
        tx.retire_signing_keys(now.saturating_add(micros(overlap)))?;
        // The newest key signs: whatever the clock says, this one is the newest.
        let newest = tx.signing_keys()?.first().map_or(0, |key| key.created_at);
        let row = row_of(new_seed(), now.max(newest + 1))?;
        tx.insert_signing_key(&row)?;
        let detail = serde_json::json!({"overlap_seconds": overlap.as_secs()});
        note(tx, now, super::OPERATOR, Act::SigningKeyRotated, format!("key {}", row.kid), detail)?;
        Ok(row.kid)
    })
}

/// Every signing key there has been, newest first.
pub fn list_keys(archive: &Archive) -> Result<Vec<KeyView>> {
    let now = archive.now();
    let rows = archive.store.read(|tx| -> Result<_> { Ok(tx.signing_keys()?) })?;
    let view = |row: SigningKeyRow| KeyView {
        is_valid: is_valid(row.retires_at, now),
        kid: row.kid,
        created_at: to_rfc3339(row.created_at),
        retires_at: row.retires_at.map(to_rfc3339),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// A secret of 256 bits that the archive keeps; made when it is first asked for.
pub fn secret_bytes(archive: &Archive, name: &str) -> Result<[u8; 32]> {
    let now = archive.now();
    let text = archive.write(Authority::Archive, |tx| {
        if let Some(value) = tx.secret(name)? {
            return Ok(value);
        }
        let value = new_seed();
        tx.insert_secret(name, &value, now)?;
        Ok(value)
    })?;
    seed_bytes(&text).ok_or_else(|| Error::Internal(format!("the stored secret {name} cannot be read")))
}
