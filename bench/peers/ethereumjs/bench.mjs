// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// node bench.mjs state-tests BUDGET_MS FILE...: times the EVM of ethereumjs on the calls of state tests, and prints JSON.
// The state is built before the clock starts; the transaction's fees, which the EVM package does not know, are left out.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM } from '@ethereumjs/evm'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import { Account, createAddressFromString, hexToBytes, setLengthLeft } from '@ethereumjs/util'

const common = new Common({ chain: Mainnet, hardfork: Hardfork.London })

async function stateOf(accounts) {
  const state = new SimpleStateManager({ common })
  for (const [name, source] of Object.entries(accounts)) {
    const address = createAddressFromString(name)
    await state.putAccount(address, new Account(BigInt(source.nonce), BigInt(source.balance)))
    if (source.code !== '0x') await state.putCode(address, hexToBytes(source.code))
    for (const [slot, value] of Object.entries(source.storage))
      await state.putStorage(address, setLengthLeft(hexToBytes(slot), 32), hexToBytes(value))
  }
  return state
}

const blockOf = (environment) => ({
  header: {
    number: BigInt(environment.currentNumber),
    coinbase: createAddressFromString(environment.currentCoinbase),
    timestamp: BigInt(environment.currentTimestamp),
    difficulty: BigInt(environment.currentDifficulty),
    gasLimit: BigInt(environment.currentGasLimit),
    baseFeePerGas: BigInt(environment.currentBaseFee),
    prevRandao: new Uint8Array(32),
    getBlobGasPrice: () => undefined,
  },
})

/** EIP-2028. */
const intrinsicGas = (data) => data.reduce((gas, byte) => gas + (byte === 0 ? 4n : 16n), 21000n)

async function run(test, call) {
  const evm = await createEVM({ common, stateManager: await stateOf(test.pre) })
  evm.journal.addAlwaysWarmAddress(call.to.toString().slice(2))
  const start = performance.now()
  const result = (await evm.runCall(call)).execResult
  return { ms: performance.now() - start, result }
}

async function measure(test, { indexes }, budget) {
  const source = test.transaction
  const data = hexToBytes(source.data[indexes.data])
  const intrinsic = intrinsicGas(data)
  const call = {
    block: blockOf(test.env),
    caller: createAddressFromString(source.sender),
    origin: createAddressFromString(source.sender),
    to: createAddressFromString(source.to),
    gasPrice: BigInt(source.gasPrice),
    gasLimit: BigInt(source.gasLimit[indexes.gas]) - intrinsic,
    value: BigInt(source.value[indexes.value]),
    data,
  }
  const { ms: first, result } = await run(test, call)
  const used = intrinsic + result.executionGasUsed
  const refund = result.gasRefund ?? 0n
  const times = []
  for (let i = Math.min(Math.max(budget / first, 3), 1000); i > 0; --i) times.push((await run(test, call)).ms)
  times.sort((a, b) => a - b)
  return {
    data: indexes.data,
    ms: times[times.length >> 1],
    gas: Number(used - (refund < used / 5n ? refund : used / 5n)),
    success: result.exceptionError === undefined,
  }
}

const [mode, budget, ...files] = process.argv.slice(2)
if (mode !== 'state-tests' || files.length === 0) {
  console.error('usage: node bench.mjs state-tests BUDGET_MS FILE...')
  process.exit(2)
}
const reports = []
for (const file of files)
  for (const test of Object.values(JSON.parse(readFileSync(file, 'utf8'))))
    for (const post of test.post.London) reports.push({ file: basename(file), ...(await measure(test, post, Number(budget))) })
console.log(JSON.stringify(reports))
