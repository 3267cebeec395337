// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//! Recorded blocks, executed one transaction after another as a client would: system calls, transactions, withdrawals and
//! rewards, requests. The journal lives as long as the block: nothing is written back in between, the fastest way revm has.
use crate::{
    json,
    state::MemoryState,
    timing::{median, milliseconds_since},
    transaction,
};
use revm::{
    Context, ExecuteEvm, MainBuilder, MainContext, MainnetEvm, SystemCallEvm,
    context::{BlockEnv, CfgEnv, ContextTr, JournalTr, TxEnv},
    context_interface::block::BlobExcessGasAndPrice,
    handler::MainnetContext,
    primitives::{Address, B256, Bytes, KECCAK_EMPTY, Log, U256, address, alloy_primitives::Bloom, hardfork::SpecId},
    state::EvmState,
};
use serde_json::{Value, json};
use std::{path::Path, time::Instant};

const BEACON_ROOTS: Address = address!("000F3df6D732807Ef1319fB7B8bB8522d0Beac02"); // EIP-4788
const HISTORY: Address = address!("0000F90827F1C53a10cb7A02335B175320002935"); // EIP-2935
const WITHDRAWAL_REQUESTS: Address = address!("00000961Ef480Eb55e80D19ad83579A64c007002"); // EIP-7002
const CONSOLIDATION_REQUESTS: Address = address!("0000BBdDc7CE488642fb579F8B00f3a590007251"); // EIP-7251
const DAO_REFUND: Address = address!("bf4ed7b27f1d666546e30d74d50d173d20bca754"); // EIP-779
const DAO_BLOCK: u64 = 1_920_000;

type Evm = MainnetEvm<MainnetContext<MemoryState>>;

struct Receipt {
    is_success: bool,
    cumulative_gas_used: u64,
    logs: Vec<Log>,
    bloom: Bloom,
}

struct Outcome {
    receipts: Vec<Receipt>,
    gas_used: u64,
    bloom: Bloom,
    requests: Vec<Bytes>,
    state: EvmState,
}

struct Block {
    spec: SpecId,
    chain_id: u64,
    number: u64,
    environment: BlockEnv,
    parent_hash: B256,
    parent_beacon_block_root: Option<B256>,
    transactions: Vec<TxEnv>,
    /// Withdrawals and rewards.
    credits: Vec<(Address, U256)>,
    drained: Vec<Address>,
}

fn spec_of(fork: &str) -> SpecId {
    match fork.split(' ').next().unwrap_or_default() {
        "Frontier" => SpecId::FRONTIER,
        "Homestead" | "DAOFork" => SpecId::HOMESTEAD,
        "TangerineWhistle" => SpecId::TANGERINE,
        "SpuriousDragon" => SpecId::SPURIOUS_DRAGON,
        "Byzantium" => SpecId::BYZANTIUM,
        "Petersburg" => SpecId::PETERSBURG,
        "Istanbul" | "MuirGlacier" => SpecId::ISTANBUL,
        "Berlin" => SpecId::BERLIN,
        "London" | "ArrowGlacier" | "GrayGlacier" => SpecId::LONDON,
        "Paris" => SpecId::MERGE,
        "Shanghai" => SpecId::SHANGHAI,
        "Cancun" => SpecId::CANCUN,
        "Prague" => SpecId::PRAGUE,
        "Osaka" => SpecId::OSAKA,
        _ => panic!("unknown fork {fork}"),
    }
}

/// EIP-4844, EIP-7691, EIP-7892.
fn blob_update_fraction(fork: &str) -> u64 {
    match fork {
        "Cancun" => 3_338_477,
        "Osaka (BPO1)" => 8_346_193,
        "Osaka (BPO2)" => 11_684_671,
        _ => 5_007_716,
    }
}

/// Withdrawals (EIP-4895), or rewards (Yellow Paper, section 11.3).
fn credits(root: &Value, spec: SpecId) -> Vec<(Address, U256)> {
    let header = &root["header"];
    let mut credits: Vec<_> = json::items(&root["withdrawals"])
        .iter()
        .map(|item| (json::address(&item["address"]), json::quantity(&item["amount"]) * U256::from(1_000_000_000)))
        .filter(|(_, amount)| !amount.is_zero())
        .collect();
    if spec >= SpecId::MERGE {
        return credits;
    }
    let ether = if spec >= SpecId::PETERSBURG {
        2
    } else if spec >= SpecId::BYZANTIUM {
        3
    } else {
        5
    };
    let reward = U256::from(ether) * U256::from(10).pow(U256::from(18));
    let ommers = json::items(&root["ommers"]);
    credits.push((json::address(&header["miner"]), reward + reward / U256::from(32) * U256::from(ommers.len())));
    for ommer in ommers {
        let age = json::number(&header["number"]) - json::number(&ommer["number"]);
        credits.push((json::address(&ommer["miner"]), reward / U256::from(8) * U256::from(8 - age)));
    }
    credits
}

impl Block {
    fn of(root: &Value) -> Self {
        let fork = root["fork"].as_str().expect("fork");
        let header = &root["header"];
        let spec = spec_of(fork);
        let number = json::number(&header["number"]);
        let chain_id = json::number(&root["chainId"]);
        let excess_blob_gas = &header["excessBlobGas"];
        let environment = BlockEnv {
            number: U256::from(number),
            beneficiary: json::address(&header["miner"]),
            timestamp: json::quantity(&header["timestamp"]),
            gas_limit: json::number(&header["gasLimit"]),
            basefee: if header["baseFeePerGas"].is_null() { 0 } else { json::number(&header["baseFeePerGas"]) },
            difficulty: json::quantity(&header["difficulty"]),
            prevrandao: (spec >= SpecId::MERGE).then(|| json::hash(&header["mixHash"])),
            blob_excess_gas_and_price: (!excess_blob_gas.is_null())
                .then(|| BlobExcessGasAndPrice::new(json::number(excess_blob_gas), blob_update_fraction(fork))),
            slot_num: 0,
        };
        // The accounts that EIP-779 drains: those that lose everything in that block without signing anything.
        let is_dao = chain_id == 1 && number == DAO_BLOCK;
        let drained = json::members(&root["expected"]["postState"])
            .filter(|(address, account)| {
                is_dao
                    && !account.is_null()
                    && json::quantity(&account["balance"]).is_zero()
                    && !root["preState"][address.as_str()].is_null()
            })
            .map(|(address, _)| address.parse().expect("address"))
            .filter(|address| !json::items(&root["transactions"]).iter().any(|item| json::address(&item["from"]) == *address))
            .collect();
        Self {
            spec,
            chain_id,
            number,
            environment,
            parent_hash: json::hash(&header["parentHash"]),
            parent_beacon_block_root: (!header["parentBeaconBlockRoot"].is_null()).then(|| json::hash(&header["parentBeaconBlockRoot"])),
            transactions: json::items(&root["transactions"]).iter().map(transaction::of_block).collect(),
            credits: credits(root, spec),
            drained,
        }
    }

    fn machine(&self, state: MemoryState) -> Evm {
        let mut configuration = CfgEnv::<SpecId>::default().with_spec_and_mainnet_gas_params(self.spec).with_chain_id(self.chain_id);
        // A client has checked the chain id with the signature.
        configuration.tx_chain_id_check = false;
        Context::mainnet().with_db(state).with_cfg(configuration).with_block(self.environment.clone()).build_mainnet()
    }

    fn begin(&self, evm: &mut Evm) {
        for address in &self.drained {
            let journal = evm.ctx.journal_mut();
            let balance = journal.load_account(*address).expect("account").data.info.balance;
            journal.transfer(*address, DAO_REFUND, balance).expect("transfer");
        }
        if let Some(root) = self.parent_beacon_block_root {
            evm.system_call_one(BEACON_ROOTS, root.0.into()).expect("system call");
        }
        if self.spec >= SpecId::PRAGUE {
            evm.system_call_one(HISTORY, self.parent_hash.0.into()).expect("system call");
        }
    }

    fn end(&self, evm: &mut Evm) -> Vec<Bytes> {
        for (address, amount) in &self.credits {
            evm.ctx.journal_mut().balance_incr(*address, *amount).expect("credit");
        }
        if self.spec < SpecId::PRAGUE {
            return Vec::new();
        }
        let mut ask = |contract| evm.system_call_one(contract, Bytes::new()).expect("system call").into_output().unwrap_or_default();
        vec![ask(WITHDRAWAL_REQUESTS), ask(CONSOLIDATION_REQUESTS)]
    }

    /// Executes the block; `transactions` are this block's.
    fn execute(&self, evm: &mut Evm, transactions: Vec<TxEnv>, with_blooms: bool) -> Outcome {
        let mut receipts = Vec::with_capacity(transactions.len());
        let mut gas_used = 0;
        let mut block_bloom = Bloom::ZERO;
        self.begin(evm);
        for mut transaction in transactions {
            transaction::recover_authorities(&mut transaction);
            let result = evm.transact_one(transaction).expect("a valid transaction");
            gas_used += result.tx_gas_used();
            let is_success = result.is_success();
            let logs = result.into_logs();
            let mut bloom = Bloom::ZERO;
            if with_blooms {
                logs.iter().for_each(|log| bloom.accrue_log(log));
                block_bloom |= bloom;
            }
            receipts.push(Receipt { is_success, cumulative_gas_used: gas_used, logs, bloom });
        }
        let requests = self.end(evm);
        Outcome { receipts, gas_used, bloom: block_bloom, requests, state: evm.finalize() }
    }

    fn timed(&self, evm: &mut Evm, with_blooms: bool) -> f64 {
        let transactions = self.transactions.clone();
        let start = Instant::now();
        let outcome = self.execute(evm, transactions, with_blooms);
        let time = milliseconds_since(start);
        std::hint::black_box(&outcome);
        time
    }
}

fn check_receipts(root: &Value, outcome: &Outcome) -> Result<(), String> {
    let header = &root["header"];
    if outcome.gas_used != json::number(&header["gasUsed"]) {
        return Err(format!("gas used: expected {}, found {}", json::number(&header["gasUsed"]), outcome.gas_used));
    }
    if outcome.bloom.as_slice() != json::bytes(&header["logsBloom"]).as_ref() {
        return Err("logs bloom".into());
    }
    for (index, (found, expected)) in outcome.receipts.iter().zip(json::items(&root["expected"]["receipts"])).enumerate() {
        let same = found.cumulative_gas_used == json::number(&expected["cumulativeGasUsed"])
            && found.logs.len() as u64 == json::number(&expected["logs"])
            && (expected["status"].is_null() || found.is_success == (json::number(&expected["status"]) != 0))
            && (!outcome.bloom.is_zero() || found.bloom.is_zero());
        if !same {
            return Err(format!("receipt {index}"));
        }
    }
    Ok(())
}

/// Every account of the expected post-state that the pre-state knew.
fn check_state(root: &Value, outcome: &Outcome) -> Result<(), String> {
    for (name, expected) in json::members(&root["expected"]["postState"]) {
        let address: Address = name.parse().expect("address");
        let is_assumed = json::items(&root["assumedEmptyAccounts"]).iter().any(|item| json::address(item) == address);
        let Some(found) = outcome.state.get(&address) else {
            // The caller of system calls: revm leaves it alone.
            if expected.is_null() {
                continue;
            }
            return Err(format!("{address} was never read"));
        };
        if is_assumed || (root["ommers"].is_null() && address == json::address(&root["header"]["miner"])) {
            continue;
        }
        if expected.is_null() {
            if !found.is_selfdestructed()
                && !(found.info.balance.is_zero() && found.info.nonce == 0 && found.info.code_hash == KECCAK_EMPTY)
            {
                return Err(format!("{address} should be absent"));
            }
            continue;
        }
        if found.info.balance != json::quantity(&expected["balance"]) || found.info.nonce != json::number(&expected["nonce"]) {
            return Err(format!("{address}: balance {} or nonce {}", found.info.balance, found.info.nonce));
        }
        for (slot, value) in json::members(&expected["storage"]) {
            let slot = json::parse_quantity(slot);
            if found.storage.get(&slot).map(|entry| entry.present_value) != Some(json::quantity(value)) {
                return Err(format!("{address}: slot {slot:#x}"));
            }
        }
    }
    Ok(())
}

/// Checks one block, then times it; a report, or what is wrong.
fn measure(path: &Path, repeat: usize) -> Value {
    let root = json::read(path);
    let block = Block::of(&root);
    let mut evm = block.machine(MemoryState::of_block(&root["preState"], &root["blockHashes"]));
    let outcome = block.execute(&mut evm, block.transactions.clone(), true);
    let verdict = check_receipts(&root, &outcome).and_then(|()| check_state(&root, &outcome));
    let requests: usize = outcome.requests.iter().map(|data| data.len()).sum();
    drop(outcome);
    let (mut cold, mut without_blooms, mut warm) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..repeat {
        evm.ctx.db_mut().forget_analysis();
        cold.push(block.timed(&mut evm, true));
        // The variants are there for information: a third of the repetitions will do.
        if index % 3 == 0 {
            warm.push(block.timed(&mut evm, true));
            evm.ctx.db_mut().forget_analysis();
            without_blooms.push(block.timed(&mut evm, false));
        }
    }
    json!({
        "file": path.file_name().expect("file").to_string_lossy(),
        "number": block.number,
        "gas": json::number(&root["header"]["gasUsed"]),
        "transactions": block.transactions.len(),
        "request_bytes": requests,
        "ms": median(cold),
        "without_blooms_ms": median(without_blooms),
        "warm_ms": median(warm),
        "error": verdict.err(),
    })
}

pub fn run(paths: &[std::path::PathBuf], repeat: usize) -> Value {
    paths.iter().map(|path| measure(path, repeat)).collect()
}
