// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//! State tests as benchmarks: one transaction, from validation to its changes, again and again.
use crate::{
    json,
    state::MemoryState,
    timing::{median, milliseconds_since, repetitions},
    transaction,
};
use revm::{
    Context, ExecuteEvm, MainBuilder, MainContext,
    context::{BlockEnv, CfgEnv, ContextTr, TxEnv},
    context_interface::result::ExecutionResult,
    primitives::{U256, hardfork::SpecId},
};
use serde_json::{Value, json};
use std::{path::Path, time::Instant};

fn environment(json: &Value) -> BlockEnv {
    BlockEnv {
        number: json::quantity(&json["currentNumber"]),
        beneficiary: json::address(&json["currentCoinbase"]),
        timestamp: json::quantity(&json["currentTimestamp"]),
        gas_limit: json::number(&json["currentGasLimit"]),
        basefee: json::number(&json["currentBaseFee"]),
        difficulty: json::quantity(&json["currentDifficulty"]),
        prevrandao: None,
        blob_excess_gas_and_price: None,
        slot_num: 0,
    }
}

fn transaction_of(json: &Value, indexes: &Value) -> TxEnv {
    let pick = |list: &str, index: &str| json[list][json::number(&indexes[index]) as usize].clone();
    TxEnv {
        tx_type: 0,
        caller: json::address(&json["sender"]),
        gas_limit: json::number(&pick("gasLimit", "gas")),
        gas_price: json::number128(&json["gasPrice"]),
        kind: transaction::recipient(&json["to"]),
        value: U256::from(json::quantity(&pick("value", "value"))),
        data: json::bytes(&pick("data", "data")),
        nonce: json::number(&json["nonce"]),
        ..TxEnv::default()
    }
}

fn measure_case(test: &Value, transaction: &TxEnv, budget_ms: f64) -> Value {
    let configuration = CfgEnv::<SpecId>::default().with_spec_and_mainnet_gas_params(SpecId::LONDON);
    let mut evm = Context::mainnet()
        .with_db(MemoryState::of_test(&test["pre"]))
        .with_cfg(configuration)
        .with_block(environment(&test["env"]))
        .build_mainnet();
    let mut run = || {
        evm.ctx.db_mut().forget_analysis();
        let transaction = transaction.clone();
        let start = Instant::now();
        let result = evm.transact_one(transaction).expect("a valid transaction");
        let state = evm.finalize();
        let time = milliseconds_since(start);
        std::hint::black_box(&state);
        (time, result)
    };
    let (first, result): (f64, ExecutionResult) = run();
    let times = (0..repetitions(first, budget_ms)).map(|_| run().0).collect();
    json!({ "ms": median(times), "gas": result.tx_gas_used(), "success": result.is_success() })
}

fn measure(path: &Path, fork: &str, budget_ms: f64, reports: &mut Vec<Value>) {
    let root = json::read(path);
    for (_, test) in json::members(&root) {
        for case in json::items(&test["post"][fork]) {
            let transaction = transaction_of(&test["transaction"], &case["indexes"]);
            let mut report = measure_case(test, &transaction, budget_ms);
            report["file"] = path.file_name().expect("file").to_string_lossy().into();
            report["data"] = case["indexes"]["data"].clone();
            report["label"] = test["_info"]["labels"][case["indexes"]["data"].to_string()].clone();
            reports.push(report);
        }
    }
}

pub fn run(paths: &[std::path::PathBuf], budget_ms: f64) -> Value {
    let mut reports = Vec::new();
    paths.iter().for_each(|path| measure(path, "London", budget_ms, &mut reports));
    reports.into()
}
