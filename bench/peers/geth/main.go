// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0

// Command geth times go-ethereum's EVM on the work that weft is timed on, and prints JSON.
//
//	geth state-tests BUDGET_MS FILE...  state tests; as many executions as fit the budget
//	geth precompiles BUDGET_MS FILE     a list of calls of precompiled contracts
//
// `evm statetest --bench` would build the state and recover the sender within the measured time.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"
)

func main() {
	if len(os.Args) < 4 {
		fail(fmt.Errorf("usage: geth state-tests BUDGET_MS FILE... | precompiles BUDGET_MS FILE"))
	}
	budget, err := strconv.ParseFloat(os.Args[2], 64)
	fail(err)
	var reports any
	switch os.Args[1] {
	case "state-tests":
		reports = runStateTests(os.Args[3:], budget)
	case "precompiles":
		reports = runPrecompiles(os.Args[3], budget)
	default:
		fail(fmt.Errorf("unknown command %s", os.Args[1]))
	}
	fail(json.NewEncoder(os.Stdout).Encode(reports))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "geth:", err)
		os.Exit(1)
	}
}

func readJSON(path string, into any) {
	text, err := os.ReadFile(path)
	fail(err)
	fail(json.Unmarshal(text, into))
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

func milliseconds(since time.Time) float64 { return float64(time.Since(since).Nanoseconds()) / 1e6 }

// clamp returns the number of repetitions that fill a budget, within bounds.
func clamp(wanted, low, high float64) int { return int(min(max(wanted, low), high)) }
