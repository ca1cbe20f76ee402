//! The names of elements as numbers, for they are compared all the time.

use std::hash::{BuildHasher, RandomState};

/// So many sums there are.
pub(super) const SUMS: usize = 256;

/// The name of an element. Two are the same when their names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name(u128);

impl Name {
    /// All that HTML knows fit into a number. Longer ones are hashed, in a way that no page can foresee.
    pub fn of(name: &[u8], hashes: &RandomState) -> Self {
        if name.len() < 16 {
            return Self(name.iter().fold(0, |number, byte| number << 8 | u128::from(*byte)));
        }
        Self(u128::from(hashes.hash_one(name)) | 1 << 127)
    }

    /// A number below `SUMS` that is spread evenly.
    pub fn sum(self) -> usize {
        let [high, low] = [self.0 >> 64, self.0 & u128::from(u64::MAX)].map(|half| u64::try_from(half).unwrap_or(0));
        ((high ^ low).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_when_their_letters_are() {
        let hashes = RandomState::new();
        let of = |name: &str| Name::of(name.as_bytes(), &hashes);
        for names in [["p", "b"], ["my-element", "my-elements"], ["a-name-that-is-long", "a-name-that-is-lonG"], ["", "a"]] {
            let [one, other] = names.map(of);
            assert_ne!(one, other);
            assert!(one == of(names[0]) && one.sum() < SUMS && one.sum() == of(names[0]).sum());
        }
    }
}
