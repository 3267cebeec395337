// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
use std::time::Instant;

/// The median of some times.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

pub fn milliseconds_since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// How often to repeat what took `first_ms`, to spend about `budget_ms`: three to a thousand times.
pub fn repetitions(first_ms: f64, budget_ms: f64) -> usize {
    ((budget_ms / first_ms.max(1e-6)) as usize).clamp(3, 1000)
}
