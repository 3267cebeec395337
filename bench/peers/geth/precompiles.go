// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/hex"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/vm"
)

// sampleNs is what one sample takes at least: enough for the clock.
const sampleNs = 20_000

type precompileCase struct {
	Name    string
	Address uint64
	Input   hexutil.Bytes
}

type precompileReport struct {
	Name    string  `json:"name"`
	Ns      float64 `json:"ns"`
	Success bool    `json:"success"`
	Output  string  `json:"output"`
}

func measurePrecompile(item precompileCase, budget float64) precompileReport {
	contract := vm.PrecompiledContractsOsaka[common.BytesToAddress([]byte{byte(item.Address >> 8), byte(item.Address)})]
	var gas uint64
	call := func() ([]byte, error) {
		gas += contract.RequiredGas(item.Input)
		return contract.Run(item.Input)
	}
	output, err := call()
	sample := func(calls int) float64 {
		start := time.Now()
		for range calls {
			output, err = call()
		}
		return float64(time.Since(start).Nanoseconds()) / float64(calls)
	}
	first := max(sample(1), 1)
	calls := clamp(sampleNs/first, 1, 10_000)
	samples := make([]float64, clamp(budget*1e6/(first*float64(calls)), 5, 1000))
	for i := range samples {
		samples[i] = sample(calls)
	}
	return precompileReport{item.Name, median(samples), err == nil, hex.EncodeToString(output)}
}

func runPrecompiles(path string, budget float64) (reports []precompileReport) {
	var cases []precompileCase
	readJSON(path, &cases)
	for _, item := range cases {
		reports = append(reports, measurePrecompile(item, budget))
	}
	return reports
}
