//! Lists of numbers in a model file as one run of bytes, little end first: read as fast as they are copied, and no
//! larger than they are.
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
        bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl Fixed for i16 {
    const SIZE: usize = 2;

    fn append(self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        match *bytes {
            [low, high] => i16::from_le_bytes([low, high]),
            _ => 0,
        }
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
