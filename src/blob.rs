//! Lists of numbers in a model file as one run of bytes, little end first: read as fast as they are copied.
//!
//! For `#[serde(with = "crate::blob")]`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// A number of a fixed size.
pub(crate) trait Fixed: Copy {
    const SIZE: usize;
    fn append(self, bytes: &mut Vec<u8>);
    /// The number of these bytes, [`Fixed::SIZE`] of them.
    fn read(bytes: &[u8]) -> Self;
}

impl Fixed for u64 {
    const SIZE: usize = 8;

    fn append(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

impl Fixed for u32 {
    const SIZE: usize = 4;

    fn append(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }
}

pub(crate) fn serialize<T: Fixed, S: Serializer>(numbers: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    let mut bytes = Vec::with_capacity(numbers.len() * T::SIZE);
    numbers.iter().for_each(|number| number.append(&mut bytes));
    serializer.serialize_bytes(&bytes)
}

pub(crate) fn deserialize<'de, T: Fixed, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_bytes(Numbers(PhantomData))
}

struct Numbers<T>(PhantomData<T>);

impl<T: Fixed> Visitor<'_> for Numbers<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "numbers of {} bytes each", T::SIZE)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<T>, E> {
        if !bytes.len().is_multiple_of(T::SIZE) {
            return Err(E::invalid_length(bytes.len(), &self));
        }
        Ok(bytes.chunks_exact(T::SIZE).map(T::read).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Lists {
        #[serde(with = "crate::blob")]
        keys: Vec<u64>,
        #[serde(with = "crate::blob")]
        counts: Vec<u32>,
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(keys: Vec<u64>, counts: Vec<u32>) {
            let lists = Lists { keys, counts };
            let bytes = postcard::to_allocvec(&lists).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Lists>(&bytes).unwrap(), lists);
        }
    }
}
