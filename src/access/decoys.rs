//! What is verified when somebody signs in under a name that no account has: a hash with the costs that the hash of an
//! account might have, so that the answer takes as long. For a time after the costs were raised there are several.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use super::{passwords::Passwords, tokens::secret_bytes};
use crate::{
    model::usernames,
    store::Store,
    usecase::{Archive, Result},
};

/// The costs of the stored hashes are counted again after this time.
const COUNTED_FOR: Duration = Duration::from_secs(60);
/// Different costs that are told apart. There are two after a change, and no more for long.
const COSTS: i64 = 64;

/// Costs as they begin a PHC string, and how many accounts have them; those of today come last.
type Counted = Arc<Vec<(String, u64)>>;

/// Chooses, for each name, the costs that an account of that name could have.
pub struct Decoys {
    /// Nobody outside can tell what a name that no account has would cost.
    key: [u8; 32],
    today: String,
    counted: Mutex<(Counted, Instant)>,
}

impl Decoys {
    pub fn open(archive: &Archive, passwords: &Passwords) -> Result<Self> {
        let key = secret_bytes(archive, "decoy-costs")?;
        let today = passwords.costs();
        let counted = count(&archive.store, &today)?;
        Ok(Self { key, today, counted: Mutex::new((counted, Instant::now())) })
    }

    /// A hash that no password has. Its costs are always the same for a name, as long as the accounts have theirs; over
    /// all names they are spread as over all accounts.
    pub fn hash_for(&self, store: &Store, name: &str) -> String {
        let counted = self.counted(store);
        let place = self.place(name);
        let total: u64 = counted.iter().map(|(_, count)| count).sum();
        // Where in the row of all accounts the name would stand.
        let mut left = u64::try_from((u128::from(place) * u128::from(total)) >> 64).unwrap_or(0);
        let mut costs = self.today.as_str();
        for (each, count) in counted.iter() {
            if left < *count {
                costs = each;
                break;
            }
            left -= count;
        }
        let random = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
        format!("{costs}${}${}", random(&rand::random::<[u8; 16]>()), random(&rand::random::<[u8; 32]>()))
    }

    /// A number for the name, that cannot be told without the key.
    fn place(&self, name: &str) -> u64 {
        let digest = Sha256::new().chain_update(self.key).chain_update(usernames::fold(name)).finalize();
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn counted(&self, store: &Store) -> Counted {
        {
            let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            if counted.1.elapsed() < COUNTED_FOR {
                return counted.0.clone();
            }
            // Others go on with the old numbers meanwhile.
            counted.1 = Instant::now();
        }
        let fresh = count(store, &self.today);
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        match fresh {
            Ok(fresh) => counted.0 = fresh,
            Err(error) => tracing::warn!(%error, "the costs of the stored hashes could not be counted"),
        }
        counted.0.clone()
    }
}

/// A name that costs more or less than today moves to the costs of today as accounts do, and never back: those come last.
fn count(store: &Store, today: &str) -> Result<Counted> {
    let rows = store.read(|tx| tx.count_hash_costs(COSTS))?;
    let known = rows.into_iter().map(|row| (row.costs, u64::try_from(row.accounts).unwrap_or(0)));
    let mut counted: Vec<_> = known.filter(|(costs, _)| is_usable(costs)).collect();
    counted.sort_by(|a, b| (a.0 == today).cmp(&(b.0 == today)).then_with(|| a.0.cmp(&b.0)));
    Ok(Arc::new(counted))
}

/// Whether a hash that begins so can be verified.
fn is_usable(costs: &str) -> bool {
    let example = format!("{costs}${}${}", STANDARD_NO_PAD.encode([0; 16]), STANDARD_NO_PAD.encode([0; 32]));
    argon2::password_hash::phc::PasswordHash::new(&example).is_ok_and(|hash| argon2::Params::try_from(&hash).is_ok())
}
