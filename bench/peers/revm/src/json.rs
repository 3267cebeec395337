// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//! Fields of the JSON files. A file that is not as expected ends the program.
use revm::primitives::{Address, B256, Bytes, U256};
use serde_json::Value;
use std::{io::Read, path::Path};

/// Reads a file, plain or gzip.
pub fn read(path: &Path) -> Value {
    let raw = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = if raw.starts_with(&[0x1f, 0x8b]) {
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(raw.as_slice()).read_to_end(&mut text).expect("gzip");
        text
    } else {
        raw
    };
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parse<T: std::str::FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
    let text = value.as_str().unwrap_or_else(|| panic!("not a string: {value}"));
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

pub fn address(value: &Value) -> Address {
    parse(value)
}

pub fn hash(value: &Value) -> B256 {
    parse(value)
}

pub fn bytes(value: &Value) -> Bytes {
    parse(value)
}

/// A quantity, with or without leading zeros.
pub fn quantity(value: &Value) -> U256 {
    match value.as_u64() {
        Some(number) => U256::from(number),
        None => parse_quantity(value.as_str().unwrap_or_else(|| panic!("not a quantity: {value}"))),
    }
}

pub fn parse_quantity(text: &str) -> U256 {
    let digits = text.strip_prefix("0x").unwrap_or_else(|| panic!("no hexadecimal quantity: {text}"));
    if digits.is_empty() { U256::ZERO } else { U256::from_str_radix(digits, 16).expect("quantity") }
}

pub fn number(value: &Value) -> u64 {
    quantity(value).to()
}

pub fn number128(value: &Value) -> u128 {
    quantity(value).to()
}

/// The items of a list; none where there is no list.
pub fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The members of an object; none where there is no object.
pub fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
