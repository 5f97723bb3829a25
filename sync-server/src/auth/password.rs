//! Passwords: argon2id on a bounded number of blocking threads, so that many sign-ins at once make each other
//! wait instead of taking all memory.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// OWASP's recommendation: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Longer input only costs time.
const MAX_BYTES: usize = 1024;
/// A shorter password is not accepted for a new account.
pub(super) const MIN_CHARACTERS: usize = 8;
/// A sign-in that waits longer for its turn is told to come back.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a password was neither hashed nor checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// A new password is too short or too long.
    #[error("a password has at least {MIN_CHARACTERS} characters and at most {MAX_BYTES} bytes")]
    Length,
    /// Too many people sign in at this moment.
    #[error("too many passwords are being checked")]
    Busy,
    /// The hashing itself failed.
    #[error("argon2: {0}")]
    Hash(#[from] password_hash::Error),
    /// The hashing thread panicked.
    #[error("the hashing thread ended early")]
    Thread,
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// A hash nobody's password has, checked when an account does not exist.
    nobody: Arc<str>,
}

impl Passwords {
    /// As many at once as there are processors.
    pub fn new() -> Result<Self, PasswordError> {
        let at_once = thread::available_parallelism().map_or(1, NonZero::get);
        let nobody = hash_now(&crate::random::bytes::<32>())?;
        Ok(Self { turns: Arc::new(Semaphore::new(at_once)), nobody: nobody.into() })
    }

    /// The PHC string of a new password.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        if password.chars().count() < MIN_CHARACTERS || password.len() > MAX_BYTES {
            return Err(PasswordError::Length);
        }
        let password = password.to_owned();
        self.in_turn(move || hash_now(password.as_bytes())).await
    }

    /// Does this password belong to this PHC string? `None` costs the same and is always false, so that the
    /// time taken does not tell which accounts exist.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, PasswordError> {
        // Nobody has so long a password.
        let hash = hash.filter(|_| password.len() <= MAX_BYTES);
        let exists = hash.is_some();
        let password = if password.len() <= MAX_BYTES { password.to_owned() } else { String::new() };
        let hash = hash.unwrap_or(&self.nobody).to_owned();
        let matches = self
            .in_turn(move || {
                let hash = PasswordHash::new(&hash)
                    .map_err(|_| PasswordError::Hash(password_hash::Error::EncodingInvalid))?;
                Ok(hasher()?.verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(matches && exists)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = tokio::time::timeout(QUEUE_TIMEOUT, Arc::clone(&self.turns).acquire_owned())
            .await
            .map_err(|_| PasswordError::Busy)?
            .map_err(|_| PasswordError::Busy)?;
        let work = move || {
            // Held by the thread: a caller that gives up does not free the processor it occupies.
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| PasswordError::Thread)?
    }
}

fn hasher() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|_| PasswordError::Hash(password_hash::Error::ParamsInvalid))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &[u8]) -> Result<String, PasswordError> {
    Ok(hasher()?.hash_password(password)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other_is() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("correct horsf", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("correct horse", None).await.unwrap());
    }

    #[tokio::test]
    async fn short_and_endless_passwords_are_refused() {
        let passwords = Passwords::new().unwrap();
        assert!(matches!(passwords.hash("seven 7").await, Err(PasswordError::Length)));
        assert!(matches!(passwords.hash(&"x".repeat(1025)).await, Err(PasswordError::Length)));
    }
}
