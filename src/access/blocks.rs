//! Memory for checking passwords, used again and again. Asked for anew each time, 19 MiB a hash, the allocator keeps a
//! piece of it for every thread that ever checked one: a flood of sign-ins would end at many times what is in use.

use std::sync::{Mutex, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, PasswordHash},
};

/// As many pieces of memory as were ever in use at once.
#[derive(Default)]
pub struct Blocks(Mutex<Vec<Vec<Block>>>);

impl Blocks {
    /// Whether the password belongs to the hash; no for a hash that is not of argon2. Compares in constant time.
    pub fn verify(&self, password: &[u8], hash: &PasswordHash) -> bool {
        self.recompute(password, hash).is_some_and(|found| hash.hash.as_ref() == Some(&found))
    }

    fn recompute(&self, password: &[u8], hash: &PasswordHash) -> Option<Output> {
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
        let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
        let params = Params::try_from(hash).ok()?;
        let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
        let mut found = vec![0; expected.as_bytes().len()];
        let size = params.block_count();
        let mut blocks = self.pool().pop().unwrap_or_default();
        blocks.resize(size, Block::default());
        let done = Argon2::new(algorithm, version, params)
            .hash_password_into_with_memory(password, salt.as_ref(), &mut found, &mut blocks)
            .is_ok();
        self.pool().push(blocks);
        done.then(|| Output::new(&found).ok())?
    }

    fn pool(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

    use super::*;

    #[test]
    fn it_finds_what_the_library_finds() {
        let blocks = Blocks::default();
        for (memory, passes) in [(64, 1), (32, 2), (128, 3)] {
            let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(memory, passes, 1, None).unwrap());
            let hash = argon.hash_password(b"right").unwrap();
            assert!(argon.verify_password(b"right", &hash).is_ok());
            assert!(blocks.verify(b"right", &hash));
            assert!(!blocks.verify(b"wrong", &hash));
            assert!(!blocks.verify(b"", &hash));
        }
        assert_eq!(blocks.pool().len(), 1, "one piece serves all");
        let other = PasswordHash::new(
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        );
        assert!(!blocks.verify(b"right", &other.unwrap()));
    }
}
