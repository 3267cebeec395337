// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math/big"
	"path/filepath"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/core/state"
	"github.com/ethereum/go-ethereum/core/tracing"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/core/vm"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/triedb"
	"github.com/holiman/uint256"
)

type stateTest struct {
	Env struct {
		CurrentCoinbase   common.Address
		CurrentDifficulty *math.HexOrDecimal256
		CurrentGasLimit   math.HexOrDecimal64
		CurrentNumber     math.HexOrDecimal64
		CurrentTimestamp  math.HexOrDecimal64
		CurrentBaseFee    *math.HexOrDecimal256
	}
	Pre         types.GenesisAlloc
	Transaction struct {
		Data     []hexutil.Bytes
		GasLimit []math.HexOrDecimal64
		Value    []*math.HexOrDecimal256
		GasPrice *math.HexOrDecimal256
		Nonce    math.HexOrDecimal64
		Sender   common.Address
		To       common.Address
	}
	Post map[string][]struct {
		Indexes struct{ Data, Gas, Value int }
	}
}

type stateTestReport struct {
	File    string  `json:"file"`
	Data    int     `json:"data"`
	Ms      float64 `json:"ms"`
	Gas     uint64  `json:"gas"`
	Success bool    `json:"success"`
}

func number(value *math.HexOrDecimal256) *uint256.Int { return uint256.MustFromBig((*big.Int)(value)) }

// stateOf returns the state before the test with everything loaded.
func stateOf(accounts types.GenesisAlloc) *state.StateDB {
	database := state.NewDatabase(triedb.NewDatabase(rawdb.NewMemoryDatabase(), nil), nil)
	world, err := state.New(types.EmptyRootHash, database)
	fail(err)
	for address, account := range accounts {
		world.SetCode(address, account.Code, tracing.CodeChangeUnspecified)
		world.SetNonce(address, account.Nonce, tracing.NonceChangeUnspecified)
		world.SetBalance(address, uint256.MustFromBig(account.Balance), tracing.BalanceChangeUnspecified)
		for slot, value := range account.Storage {
			world.SetState(address, slot, value)
		}
	}
	root, err := world.Commit(params.Rules{}, 0)
	fail(err)
	world, err = state.New(root, database)
	fail(err)
	for address, account := range accounts {
		world.GetCode(address)
		for slot := range account.Storage {
			world.GetState(address, slot)
		}
	}
	return world
}

func (test *stateTest) context() vm.BlockContext {
	return vm.BlockContext{
		CanTransfer: core.CanTransfer,
		Transfer:    core.Transfer,
		GetHash:     func(n uint64) common.Hash { return crypto.Keccak256Hash([]byte(new(big.Int).SetUint64(n).String())) },
		Coinbase:    test.Env.CurrentCoinbase,
		GasLimit:    uint64(test.Env.CurrentGasLimit),
		BlockNumber: new(big.Int).SetUint64(uint64(test.Env.CurrentNumber)),
		Time:        uint64(test.Env.CurrentTimestamp),
		Difficulty:  (*big.Int)(test.Env.CurrentDifficulty),
		BaseFee:     (*big.Int)(test.Env.CurrentBaseFee),
	}
}

// london is the fork of the benchmarks.
func london() *params.ChainConfig {
	config := *params.MainnetChainConfig
	zero := new(big.Int)
	config.HomesteadBlock, config.DAOForkBlock, config.EIP150Block, config.EIP155Block, config.EIP158Block = zero, nil, zero, zero, zero
	config.ByzantiumBlock, config.ConstantinopleBlock, config.PetersburgBlock, config.IstanbulBlock = zero, zero, zero, zero
	config.MuirGlacierBlock, config.BerlinBlock, config.LondonBlock = zero, zero, zero
	config.TerminalTotalDifficulty, config.ShanghaiTime, config.CancunTime, config.PragueTime, config.OsakaTime = nil, nil, nil, nil, nil
	return &config
}

func (test *stateTest) measure(message *core.Message, budget float64) (report stateTestReport) {
	before := stateOf(test.Pre)
	context, config := test.context(), london()
	run := func() float64 {
		world := before.Copy()
		pool := core.NewGasPool(context.GasLimit)
		start := time.Now()
		evm := vm.NewEVM(context, world, config, vm.Config{})
		result, err := core.ApplyMessage(evm, message, pool)
		world.Finalise(config.Rules(context.BlockNumber, false, context.Time))
		duration := milliseconds(start)
		fail(err)
		report.Gas, report.Success = result.UsedGas, !result.Failed()
		return duration
	}
	times := make([]float64, clamp(budget/run(), 3, 1000))
	for i := range times {
		times[i] = run()
	}
	report.Ms = median(times)
	return report
}

func runStateTests(paths []string, budget float64) (reports []stateTestReport) {
	for _, path := range paths {
		var tests map[string]stateTest
		readJSON(path, &tests)
		for _, test := range tests {
			for _, post := range test.Post["London"] {
				source, price := &test.Transaction, number(test.Transaction.GasPrice)
				message := &core.Message{
					To: &source.To, From: source.Sender, Nonce: uint64(source.Nonce), Value: number(source.Value[post.Indexes.Value]),
					GasLimit: uint64(source.GasLimit[post.Indexes.Gas]), GasPrice: price, GasFeeCap: price, GasTipCap: price,
					Data: source.Data[post.Indexes.Data],
				}
				report := test.measure(message, budget)
				report.File, report.Data = filepath.Base(path), post.Indexes.Data
				reports = append(reports, report)
			}
		}
	}
	return reports
}
