// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
use crate::json;
use revm::{
    context::TxEnv,
    context_interface::{
        either::Either,
        transaction::{AccessList, AccessListItem, Authorization, RecoveredAuthority, RecoveredAuthorization, SignedAuthorization},
    },
    precompile::secp256k1::ecrecover,
    primitives::{Address, B256, TxKind, alloy_primitives::B512},
};
use serde_json::Value;

/// A transaction as it stands in a block file, with its sender.
pub fn of_block(json: &Value) -> TxEnv {
    let has_fee_cap = !json["maxFeePerGas"].is_null();
    let price = if has_fee_cap { &json["maxFeePerGas"] } else { &json["gasPrice"] };
    TxEnv {
        tx_type: json::number(&json["type"]) as u8,
        caller: json::address(&json["from"]),
        gas_limit: json::number(&json["gas"]),
        gas_price: json::number128(price),
        kind: recipient(&json["to"]),
        value: json::quantity(&json["value"]),
        data: json::bytes(&json["input"]),
        nonce: json::number(&json["nonce"]),
        chain_id: (!json["chainId"].is_null()).then(|| json::number(&json["chainId"])),
        access_list: access_list(&json["accessList"]),
        gas_priority_fee: has_fee_cap.then(|| json::number128(&json["maxPriorityFeePerGas"])),
        blob_hashes: json::items(&json["blobVersionedHashes"]).iter().map(json::hash).collect(),
        max_fee_per_blob_gas: if json["maxFeePerBlobGas"].is_null() { 0 } else { json::number128(&json["maxFeePerBlobGas"]) },
        authorization_list: json::items(&json["authorizationList"]).iter().map(|item| Either::Left(authorization(item))).collect(),
    }
}

pub fn recipient(json: &Value) -> TxKind {
    match json.as_str() {
        None | Some("") => TxKind::Create,
        Some(_) => TxKind::Call(json::address(json)),
    }
}

pub fn access_list(json: &Value) -> AccessList {
    let item = |entry: &Value| AccessListItem {
        address: json::address(&entry["address"]),
        storage_keys: json::items(&entry["storageKeys"]).iter().map(json::hash).collect(),
    };
    AccessList(json::items(json).iter().map(item).collect())
}

fn authorization(json: &Value) -> SignedAuthorization {
    let content = Authorization {
        chain_id: json::quantity(&json["chainId"]),
        address: json::address(&json["address"]),
        nonce: json::number(&json["nonce"]),
    };
    SignedAuthorization::new_unchecked(
        content,
        json::number(&json["yParity"]) as u8,
        json::quantity(&json["r"]),
        json::quantity(&json["s"]),
    )
}

/// Recovers the authorities with libsecp256k1: revm itself would take the slower k256.
pub fn recover_authorities(transaction: &mut TxEnv) {
    for entry in &mut transaction.authorization_list {
        let Either::Left(signed) = entry else { continue };
        let authority = authority_of(signed).map_or(RecoveredAuthority::Invalid, RecoveredAuthority::Valid);
        *entry = Either::Right(RecoveredAuthorization::new_unchecked(signed.inner().clone(), authority));
    }
}

/// EIP-7702; high values of s are refused (EIP-2).
fn authority_of(signed: &SignedAuthorization) -> Option<Address> {
    let signature = signed.signature().ok()?;
    if signature.normalize_s().is_some() {
        return None;
    }
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&signature.r().to_be_bytes::<32>());
    bytes[32..].copy_from_slice(&signature.s().to_be_bytes::<32>());
    let word = ecrecover(&B512::new(bytes), u8::from(signature.v()), &B256::new(signed.signature_hash().0)).ok()?;
    Some(Address::from_word(word))
}
