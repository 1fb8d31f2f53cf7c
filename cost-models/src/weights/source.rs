//! A file's header, read piece by piece, each checked against what the file still holds.

use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};

use super::wrong;
use crate::error::Error;

/// A file and how far it has been read.
pub(super) struct Source<R> {
    inner: BufReader<R>,
    at: u64,
    length: u64,
    /// Where a header ends at the latest.
    limit: u64,
    /// Whether numbers begin with their highest byte.
    big: bool,
}

impl<R: Read + Seek> Source<R> {
    /// A file from its start, of which at most `limit` bytes will be read.
    pub(super) fn new(mut inner: R, limit: u64) -> Result<Self, Error> {
        let length = inner.seek(SeekFrom::End(0)).and_then(|length| inner.rewind().map(|()| length));
        let length = length.map_err(|error| wrong("file", &error, "one that can be read at any place"))?;
        Ok(Self { inner: BufReader::new(inner), at: 0, length, limit, big: false })
    }

    /// Bytes that the file has.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Bytes that have been read or skipped.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Bytes that are left of the file.
    pub(super) fn left(&self) -> u64 {
        self.length - self.at
    }

    /// From here on numbers begin with their highest byte.
    pub(super) fn big_endian(&mut self) {
        self.big = true;
    }

    /// An error unless so many bytes of a field are left.
    fn room(&self, field: &str, bytes: u64) -> Result<(), Error> {
        if bytes > self.left() {
            let expected = format!("{bytes} at byte {}: the file is cut off, or a length in it is wrong", self.at);
            return Err(wrong(field, &format!("{} bytes", self.left()), expected));
        }
        if self.at + bytes > self.limit {
            let expected = format!("a header of at most {} bytes", self.limit);
            return Err(wrong(field, &format!("{bytes} bytes at byte {}", self.at), expected));
        }
        Ok(())
    }

    /// The next bytes, as many as the field has.
    pub(super) fn bytes<const N: usize>(&mut self, field: &str) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        self.room(field, N as u64)?;
        self.inner.read_exact(&mut bytes).map_err(|error| unreadable(field, &error))?;
        self.at += N as u64;
        Ok(bytes)
    }

    /// A number of four bytes.
    pub(super) fn u32(&mut self, field: &str) -> Result<u32, Error> {
        let bytes = self.bytes(field)?;
        Ok(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    /// A number of eight bytes.
    pub(super) fn u64(&mut self, field: &str) -> Result<u64, Error> {
        let bytes = self.bytes(field)?;
        Ok(if self.big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// A whole number of `N` bytes, with or without a sign.
    pub(super) fn integer<const N: usize>(&mut self, field: &str, signed: bool) -> Result<i128, Error> {
        let mut bytes: [u8; N] = self.bytes(field)?;
        if self.big {
            bytes.reverse();
        }
        let value = bytes.iter().rev().fold(0_i128, |value, byte| (value << 8) | i128::from(*byte));
        let full = 1_i128 << (8 * N);
        Ok(if signed && value >= full / 2 { value - full } else { value })
    }

    /// So many bytes as a text.
    pub(super) fn text(&mut self, field: &str, bytes: u64) -> Result<String, Error> {
        self.room(field, bytes)?;
        let mut contents = Vec::new();
        let read = (&mut self.inner).take(bytes).read_to_end(&mut contents);
        let read = read.map_err(|error| unreadable(field, &error))?;
        if read as u64 != bytes {
            return Err(unreadable(field, &ErrorKind::UnexpectedEof.into()));
        }
        self.at += bytes;
        String::from_utf8(contents)
            .map_err(|error| wrong(field, &format!("bytes that are not text ({error})"), "UTF-8"))
    }

    /// Passes over so many bytes of a header.
    pub(super) fn skip(&mut self, field: &str, bytes: u64) -> Result<(), Error> {
        self.room(field, bytes)?;
        let offset = i64::try_from(bytes).map_err(|_| wrong(field, &format!("{bytes} bytes"), "fewer"))?;
        self.inner.seek_relative(offset).map_err(|error| unreadable(field, &error))?;
        self.at += bytes;
        Ok(())
    }
}

fn unreadable(field: &str, error: &std::io::Error) -> Error {
    wrong(field, &format!("what can't be read ({error})"), "a readable file")
}
