// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//! Times revm on the work that weft is timed on, and prints JSON.
//!
//!     weft-peer-revm blocks REPEAT FILE...          recorded blocks; medians of REPEAT executions
//!     weft-peer-revm state-tests BUDGET_MS FILE...  state tests; as many executions as fit the budget
//!     weft-peer-revm precompiles BUDGET_MS FILE     a list of calls of precompiled contracts
mod block;
mod json;
mod precompiles;
mod state;
mod state_test;
mod timing;
mod transaction;

use std::{path::PathBuf, process::ExitCode};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, amount, files @ ..] = arguments.as_slice() else {
        eprintln!("usage: weft-peer-revm blocks REPEAT FILE... | state-tests BUDGET_MS FILE... | precompiles BUDGET_MS FILE");
        return ExitCode::from(2);
    };
    let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
    let report = match mode.as_str() {
        "blocks" => block::run(&files, amount.parse().expect("REPEAT is a number")),
        "state-tests" => state_test::run(&files, amount.parse().expect("BUDGET_MS is a number")),
        "precompiles" => precompiles::run(&files, amount.parse().expect("BUDGET_MS is a number")),
        _ => {
            eprintln!("weft-peer-revm: unknown command {mode}");
            return ExitCode::from(2);
        }
    };
    println!("{report}");
    ExitCode::SUCCESS
}
