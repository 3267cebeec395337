// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//! The state before a block or test, in memory: made for revm, whose journal asks for every account, slot and code once.
use crate::json;
use revm::{
    Database,
    bytecode::Bytecode,
    primitives::{Address, AddressMap, B256, B256Map, Bytes, HashMap, KECCAK_EMPTY, U256, keccak256},
    state::{AccountId, AccountInfo},
};
use serde_json::Value;
use std::convert::Infallible;

struct Code {
    raw: Bytes,
    analyzed: Option<Bytecode>,
}

#[derive(Default)]
pub struct MemoryState {
    accounts: AddressMap<AccountInfo>,
    /// By account id.
    storages: Vec<HashMap<U256, U256>>,
    codes: B256Map<Code>,
    block_hashes: HashMap<u64, B256>,
    is_test: bool,
}

impl MemoryState {
    pub fn of_block(pre_state: &Value, block_hashes: &Value) -> Self {
        let mut state = Self::of_accounts(pre_state);
        state.block_hashes =
            json::members(block_hashes).map(|(number, value)| (number.parse().expect("block number"), json::hash(value))).collect();
        state
    }

    /// BLOCKHASH follows the rule of state tests.
    pub fn of_test(pre_state: &Value) -> Self {
        Self { is_test: true, ..Self::of_accounts(pre_state) }
    }

    fn of_accounts(pre_state: &Value) -> Self {
        let mut state = Self::default();
        for (address, account) in json::members(pre_state) {
            let code = if account["code"].is_null() { Bytes::new() } else { json::bytes(&account["code"]) };
            let code_hash = match &account["codeHash"] {
                Value::Null if code.is_empty() => KECCAK_EMPTY,
                Value::Null => keccak256(&code),
                given => json::hash(given),
            };
            let info = AccountInfo {
                balance: json::quantity(&account["balance"]),
                nonce: json::number(&account["nonce"]),
                code_hash,
                account_id: AccountId::new(state.storages.len()),
                code: None,
            };
            state.accounts.insert(address.parse().expect("address"), info);
            state.codes.insert(code_hash, Code { raw: code, analyzed: None });
            let slots = json::members(&account["storage"]).map(|(slot, value)| (json::parse_quantity(slot), json::quantity(value)));
            state.storages.push(slots.collect());
        }
        state
    }

    /// The next execution analyses every code anew.
    pub fn forget_analysis(&mut self) {
        self.codes.values_mut().for_each(|code| code.analyzed = None);
    }
}

impl Database for MemoryState {
    type Error = Infallible;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.accounts.get(&address).cloned())
    }

    fn code_by_hash(&mut self, code_hash: B256) -> Result<Bytecode, Infallible> {
        let Some(code) = self.codes.get_mut(&code_hash) else { return Ok(Bytecode::default()) };
        Ok(code.analyzed.get_or_insert_with(|| Bytecode::new_raw(code.raw.clone())).clone())
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Infallible> {
        let id = self.accounts.get(&address).and_then(|account| account.account_id);
        Ok(id.map_or(U256::ZERO, |id| self.storages[id.get()].get(&slot).copied().unwrap_or_default()))
    }

    fn storage_by_account_id(&mut self, _address: Address, id: AccountId, slot: U256) -> Result<U256, Infallible> {
        Ok(self.storages[id.get()].get(&slot).copied().unwrap_or_default())
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, Infallible> {
        if self.is_test {
            return Ok(keccak256(number.to_string()));
        }
        Ok(self.block_hashes.get(&number).copied().unwrap_or_default())
    }
}
