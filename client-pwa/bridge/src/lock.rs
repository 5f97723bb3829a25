//! How a database is locked. The data key is wrapped by each *way* of unlocking it: a PIN through argon2id, or a passkey
//! of this device through the PRF extension of WebAuthn. What is stored opens nothing by itself; changing a PIN wraps the
//! same key anew. Wrong attempts are counted and made to wait. They never erase anything.

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use shared_model::hex;
use shared_model::instant::Timestamp;

use crate::codec::{self, DataKey, Nonce};

/// Characters of the shortest PIN.
pub const PIN_MIN_CHARACTERS: usize = 6;
/// Idle minutes after which a device locks itself, unless the person or the organisation says another number.
pub const IDLE_MINUTES: u32 = 15;

/// What OWASP asks for at least; a tab does not give memory back, so time is what is spent.
const MEMORY_KIB: u32 = 19_456;
/// A third of a second on a desk, about one on a phone.
const PASSES: u32 = 16;
const SALT: usize = 16;
const KEK: usize = 32;
/// The id that wrapping keys go by.
const WRAPPING: u8 = 255;

/// Attempts that wait for nothing.
const FREE_ATTEMPTS: u32 = 5;
const FIRST_WAIT_MS: i64 = 30_000;
const LONGEST_WAIT_MS: i64 = 15 * 60_000;

/// Fresh random bytes, once for each wrapping.
#[derive(Clone, Copy)]
pub struct Random {
    /// For the PIN.
    pub salt: [u8; SALT],
    /// For the wrapped key.
    pub nonce: Nonce,
}

/// The lock of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    ways: Vec<Way>,
    /// Minutes without a touch after which the device locks itself.
    pub idle_minutes: u32,
    /// Wrong attempts since the last right one.
    #[serde(default)]
    failed: u32,
    #[serde(default)]
    failed_at: Timestamp,
}

/// One way to the data key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    Pin {
        salt: String,
        memory_kib: u32,
        passes: u32,
        wrapped: String,
    },
    Passkey {
        credential: String,
        salt: String,
        wrapped: String,
    },
    /// The lock is being taken off: the key lies open until no value needs it.
    Open(DataKey),
}

/// Why the lock stays shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Shut {
    /// That was not it.
    #[error("this does not open the lock")]
    Wrong,
    /// Too many wrong attempts: milliseconds to wait.
    #[error("there were too many attempts")]
    Wait(i64),
}

/// Why something is no PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakPin {
    /// Fewer than [`PIN_MIN_CHARACTERS`].
    #[error("too short")]
    Short,
    /// One character again and again, or a row of neighbours.
    #[error("too easy to guess")]
    Easy,
}

/// A PIN is long enough and no row. What it withstands is told in the decision record.
pub fn check_pin(pin: &str) -> Result<(), WeakPin> {
    let letters: Vec<i64> = pin.chars().map(|letter| i64::from(u32::from(letter))).collect();
    if letters.len() < PIN_MIN_CHARACTERS {
        return Err(WeakPin::Short);
    }
    let is_row = |step| letters.windows(2).all(|pair| pair[1] - pair[0] == step);
    if [-1, 0, 1].into_iter().any(is_row) { Err(WeakPin::Easy) } else { Ok(()) }
}

impl Lock {
    /// A lock that a PIN opens.
    pub fn with_pin(pin: &str, key: &DataKey, random: Random) -> Self {
        let ways = vec![wrap_with_pin(pin, key, random)];
        Self { ways, idle_minutes: IDLE_MINUTES, failed: 0, failed_at: Timestamp::default() }
    }

    /// Reads a stored lock.
    pub fn read(value: &[u8]) -> Option<Self> {
        serde_json::from_slice(codec::open_bare(value)?).ok()
    }

    /// What to store.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Another PIN; the data key stays.
    pub fn set_pin(&mut self, pin: &str, key: &DataKey, random: Random) {
        self.ways.retain(|way| !matches!(way, Way::Pin { .. }));
        self.ways.push(wrap_with_pin(pin, key, random));
    }

    /// A passkey of this device that opens the lock too, in place of one before. `salt` is what its secret was asked for with.
    pub fn set_passkey(
        &mut self,
        credential: &[u8],
        salt: &[u8],
        secret: [u8; KEK],
        key: &DataKey,
        nonce: Nonce,
    ) {
        self.ways.retain(|way| !matches!(way, Way::Passkey { .. }));
        let (credential, salt) = (hex::encode(credential), hex::encode(salt));
        let wrapped = wrap(secret, &passkey_about(&credential, &salt), key, nonce);
        self.ways.push(Way::Passkey { credential, salt, wrapped });
    }

    /// The passkey opens it no more.
    pub fn forget_passkey(&mut self) {
        self.ways.retain(|way| !matches!(way, Way::Passkey { .. }));
    }

    /// The passkey's credential, and what to ask its secret for with.
    pub fn passkey(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        self.ways.iter().find_map(|way| match way {
            Way::Passkey { credential, salt, .. } => Some((hex::decode(credential)?, hex::decode(salt)?)),
            Way::Pin { .. } | Way::Open(_) => None,
        })
    }

    /// The data key lies open from now on: the lock is taken off.
    pub fn lay_open(&mut self, key: DataKey) {
        self.ways = vec![Way::Open(key)];
    }

    /// The key of a lock that is being taken off.
    pub fn open_key(&self) -> Option<DataKey> {
        self.ways.iter().find_map(|way| match way {
            Way::Open(key) => Some(*key),
            Way::Pin { .. } | Way::Passkey { .. } => None,
        })
    }

    /// The data key, for the right PIN. The attempt is to be stored whatever comes of it.
    pub fn open_with_pin(&mut self, pin: &str, now: Timestamp) -> Result<DataKey, Shut> {
        let wait = self.wait_ms(now);
        if wait > 0 {
            return Err(Shut::Wait(wait));
        }
        let opened = self.ways.iter().find_map(|way| match way {
            Way::Pin { salt, memory_kib, passes, wrapped } => {
                let kek = stretch(pin, &hex::decode(salt)?, *memory_kib, *passes)?;
                unwrap(kek, &pin_about(salt, *memory_kib, *passes), wrapped)
            }
            Way::Passkey { .. } | Way::Open(_) => None,
        });
        match opened {
            Some(key) => {
                self.failed = 0;
                Ok(key)
            }
            None => {
                self.failed = self.failed.saturating_add(1);
                self.failed_at = now;
                Err(Shut::Wrong)
            }
        }
    }

    /// The data key, for what the passkey answered.
    pub fn open_with_passkey(&self, secret: [u8; KEK]) -> Result<DataKey, Shut> {
        let opened = self.ways.iter().find_map(|way| match way {
            Way::Passkey { credential, salt, wrapped } => {
                unwrap(secret, &passkey_about(credential, salt), wrapped)
            }
            Way::Pin { .. } | Way::Open(_) => None,
        });
        opened.ok_or(Shut::Wrong)
    }

    /// How long the next attempt has to wait. A clock that was set back waits no longer than one that was not.
    pub fn wait_ms(&self, now: Timestamp) -> i64 {
        let over = self.failed.saturating_sub(FREE_ATTEMPTS - 1);
        if over == 0 {
            return 0;
        }
        let wait = FIRST_WAIT_MS.saturating_mul(1 << (over - 1).min(10)).min(LONGEST_WAIT_MS);
        (wait - now.millis_since(self.failed_at).max(0)).max(0)
    }
}

fn wrap_with_pin(pin: &str, key: &DataKey, random: Random) -> Way {
    let salt = hex::encode(&random.salt);
    // The parameters are constants that it takes.
    let kek = stretch(pin, &random.salt, MEMORY_KIB, PASSES).unwrap_or_default();
    let wrapped = wrap(kek, &pin_about(&salt, MEMORY_KIB, PASSES), key, random.nonce);
    Way::Pin { salt, memory_kib: MEMORY_KIB, passes: PASSES, wrapped }
}

fn stretch(pin: &str, salt: &[u8], memory_kib: u32, passes: u32) -> Option<[u8; KEK]> {
    let params = Params::new(memory_kib, passes, 1, Some(KEK)).ok()?;
    let mut kek = [0; KEK];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(pin.as_bytes(), salt, &mut kek)
        .ok()?;
    Some(kek)
}

fn pin_about(salt: &str, memory_kib: u32, passes: u32) -> String {
    format!("lock\0pin\0{salt}\0{memory_kib}\0{passes}")
}

fn passkey_about(credential: &str, salt: &str) -> String {
    format!("lock\0passkey\0{credential}\0{salt}")
}

fn wrap(kek: [u8; KEK], about: &str, key: &DataKey, nonce: Nonce) -> String {
    let text = [&[key.id()][..], key.secret()].concat();
    hex::encode(&codec::seal_under(&DataKey::new(WRAPPING, kek), about, nonce, &text))
}

fn unwrap(kek: [u8; KEK], about: &str, wrapped: &str) -> Option<DataKey> {
    let text = codec::open_under(&DataKey::new(WRAPPING, kek), about, &hex::decode(wrapped)?).ok()?;
    let (id, secret) = text.split_first()?;
    Some(DataKey::new(*id, secret.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIN: &str = "480213";

    fn key() -> DataKey {
        DataKey::new(1, [7; 32])
    }

    fn random(n: u8) -> Random {
        Random { salt: [n; SALT], nonce: [n; 24] }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn only_the_pin_opens_and_a_new_one_takes_its_place() {
        let mut lock = Lock::with_pin(PIN, &key(), random(1));
        assert_eq!(lock.open_with_pin(PIN, at(0)), Ok(key()));
        assert_eq!(lock.open_with_pin("480214", at(0)), Err(Shut::Wrong));
        lock.set_pin("another way", &key(), random(2));
        assert_eq!(lock.open_with_pin(PIN, at(0)), Err(Shut::Wrong));
        assert_eq!(lock.open_with_pin("another way", at(0)), Ok(key()));
    }

    #[test]
    fn what_is_stored_holds_no_key_and_is_read_again() {
        let lock = Lock::with_pin(PIN, &key(), random(1));
        let stored = lock.to_bytes();
        assert!(!String::from_utf8(stored.clone()).unwrap().contains("0707070707"));
        assert_eq!(Lock::read(&[&[1, 0][..], &stored].concat()), Some(lock));
        assert_eq!(Lock::read(&[1, 1, 2]), None);
    }

    #[test]
    fn wrong_attempts_wait_longer_and_longer_and_a_right_one_ends_that() {
        let mut lock = Lock::with_pin(PIN, &key(), random(1));
        // The attempts themselves are told above; here only the count matters.
        (lock.failed, lock.failed_at) = (4, at(0));
        assert_eq!(lock.wait_ms(at(0)), 0);
        assert_eq!(lock.open_with_pin("wrong pin", at(1_000)), Err(Shut::Wrong));
        assert_eq!(lock.open_with_pin(PIN, at(2_000)), Err(Shut::Wait(29_000)), "also the right one");
        (lock.failed, lock.failed_at) = (6, at(1_000));
        assert_eq!(lock.wait_ms(at(1_000)), 60_000);
        lock.failed = u32::MAX;
        assert_eq!(lock.wait_ms(at(1_000)), LONGEST_WAIT_MS);
        assert_eq!(lock.wait_ms(at(-9_000_000_000)), LONGEST_WAIT_MS, "a clock that was set back");
        assert_eq!(lock.open_with_pin(PIN, at(1_000 + LONGEST_WAIT_MS)), Ok(key()));
        assert_eq!(lock.wait_ms(at(1_001 + LONGEST_WAIT_MS)), 0);
    }

    #[test]
    fn a_passkey_opens_beside_the_pin_and_can_be_taken_off() {
        let mut lock = Lock::with_pin(PIN, &key(), random(1));
        assert_eq!(lock.open_with_passkey([5; 32]), Err(Shut::Wrong));
        lock.set_passkey(b"credential", b"salt", [5; 32], &key(), [3; 24]);
        assert_eq!(lock.passkey(), Some((b"credential".to_vec(), b"salt".to_vec())));
        assert_eq!(lock.open_with_passkey([5; 32]), Ok(key()));
        assert_eq!(lock.open_with_passkey([6; 32]), Err(Shut::Wrong));
        assert_eq!(lock.open_with_pin(PIN, at(0)), Ok(key()));
        lock.forget_passkey();
        assert_eq!(lock.open_with_passkey([5; 32]), Err(Shut::Wrong));
    }

    #[test]
    fn a_lock_that_is_taken_off_lies_open() {
        let mut lock = Lock::with_pin(PIN, &key(), random(1));
        assert_eq!(lock.open_key(), None);
        lock.lay_open(key());
        assert_eq!(lock.open_key(), Some(key()));
        assert_eq!(lock.open_with_pin(PIN, at(0)), Err(Shut::Wrong));
    }

    #[test]
    fn rows_of_neighbours_and_short_ones_are_no_pins() {
        assert_eq!(check_pin("12345"), Err(WeakPin::Short));
        for easy in ["111111", "123456", "987654", "abcdef"] {
            assert_eq!(check_pin(easy), Err(WeakPin::Easy), "{easy}");
        }
        for pin in [PIN, "drei blaue Tassen", "112233"] {
            assert_eq!(check_pin(pin), Ok(()), "{pin}");
        }
    }
}
