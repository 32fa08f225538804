//! Lists of numbers in a model file as one run of bytes, little end first: read as fast as they are copied, and no
//! larger than they are.
//!
//! For `#[serde(with = "crate::blob")]`, and `#[serde(with = "crate::blob::counts")]` where most numbers are small.

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

impl Fixed for i16 {
    const SIZE: usize = 2;

    fn append(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        bytes.first_chunk().map_or(0, |bytes| i16::from_le_bytes(*bytes))
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

/// Counts: seven bits a byte, the lowest first, the highest bit set in all bytes but the last (LEB128).
pub(crate) mod counts {
    use std::fmt;

    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};

    const MORE: u8 = 0x80;

    pub(crate) fn serialize<S: Serializer>(counts: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(counts.len() * 2);
        for &count in counts {
            let mut rest = count;
            while rest >= u32::from(MORE) {
                bytes.push(rest as u8 | MORE);
                rest >>= 7;
            }
            bytes.push(rest as u8);
        }
        serializer.serialize_bytes(&bytes)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
        deserializer.deserialize_bytes(Counts)
    }

    /// The counts that these bytes hold; `None` where one does not fit or does not end.
    fn read(bytes: &[u8]) -> Option<Vec<u32>> {
        let mut counts = Vec::with_capacity(bytes.len());
        let (mut count, mut shift) = (0u64, 0);
        for &byte in bytes {
            count |= u64::from(byte & !MORE) << shift;
            shift += 7;
            if byte < MORE {
                counts.push(u32::try_from(count).ok()?);
                (count, shift) = (0, 0);
            } else if shift > 28 {
                return None;
            }
        }
        (shift == 0).then_some(counts)
    }

    struct Counts;

    impl Visitor<'_> for Counts {
        type Value = Vec<u32>;

        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("counts of seven bits a byte")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u32>, E> {
            read(bytes).ok_or_else(|| E::custom("a count that does not end"))
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn counts_that_do_not_end_are_refused() {
            assert_eq!(read(&[0x80, 1, 5]), Some(vec![128, 5]));
            assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Some(vec![u32::MAX]));
            assert_eq!(read(&[0x80]), None);
            assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x1f]), None);
            assert_eq!(read(&[0x80, 0x80, 0x80, 0x80, 0x80, 0]), None);
        }
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
        weights: Vec<i16>,
        #[serde(with = "crate::blob::counts")]
        counts: Vec<u32>,
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(keys: Vec<u64>, weights: Vec<i16>, counts: Vec<u32>) {
            let lists = Lists { keys, weights, counts };
            let bytes = postcard::to_allocvec(&lists).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Lists>(&bytes).unwrap(), lists);
        }
    }
}
