// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//! Precompiled contracts, each called directly with given inputs, gas included.
use crate::{json, timing::median};
use revm::{
    precompile::{Precompiles, u64_to_address},
    primitives::hex,
};
use serde_json::{Value, json};
use std::{hint::black_box, path::PathBuf, time::Instant};

/// Calls in one sample: enough for the clock.
const SAMPLE_NS: f64 = 20_000.0;

fn measure(case: &Value, budget_ms: f64) -> Value {
    let contract = Precompiles::osaka().get(&u64_to_address(json::number(&case["address"]))).expect("a precompiled contract");
    let input = json::bytes(&case["input"]);
    let call = || contract.execute(black_box(&input), u64::MAX, 0).expect("no fatal error");
    let output = call();
    let start = Instant::now();
    black_box(call());
    let first_ns = start.elapsed().as_nanos() as f64;
    let calls = (SAMPLE_NS / first_ns.max(1.0)).clamp(1.0, 10_000.0) as usize;
    let samples = (budget_ms * 1e6 / (first_ns * calls as f64)).clamp(5.0, 1000.0) as usize;
    let sample = || {
        let start = Instant::now();
        for _ in 0..calls {
            black_box(call());
        }
        start.elapsed().as_nanos() as f64 / calls as f64
    };
    let ns = median((0..samples).map(|_| sample()).collect());
    json!({ "name": case["name"], "ns": ns, "success": output.is_success(), "output": hex::encode(&output.bytes) })
}

/// `paths`: one file with a list of {name, address, input}.
pub fn run(paths: &[PathBuf], budget_ms: f64) -> Value {
    let cases = json::read(&paths[0]);
    json::items(&cases).iter().map(|case| measure(case, budget_ms)).collect()
}
