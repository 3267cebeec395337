// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Mines a block and writes down everything needed to execute it elsewhere and to judge the result.
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { keccak256, pad } from "viem";

const HEADER_FIELDS = [
  ...["parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty"],
  ...["number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot"],
  ...["blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash", "hash"],
];

const pick = (object, fields) => Object.fromEntries(fields.filter((field) => object[field] != null).map((field) => [field, object[field]]));

/// All nodes of the state trie and of the storage tries, in the state as it is now.
async function witnessOf(chain, state) {
  const nodes = new Set();
  for (const [address, { storage }] of Object.entries(state)) {
    const slots = Object.keys(storage).map((slot) => pad(slot, { size: 32 }));
    const proof = await chain.rpc("eth_getProof", address, slots, "latest");
    for (const node of proof.accountProof) nodes.add(node);
    for (const { proof: path } of proof.storageProof) for (const node of path) nodes.add(node);
  }
  return [...nodes];
}

/// What is different in `after`: whole accounts' fields, and the slots that changed (0x0 = cleared).
function changes(before, after) {
  const changed = {};
  for (const [address, account] of Object.entries(after)) {
    const old = before[address];
    const storage = {};
    for (const slot of new Set([...Object.keys(old?.storage ?? {}), ...Object.keys(account.storage)])) {
      const value = account.storage[slot] ?? "0x0";
      if (value !== (old?.storage[slot] ?? "0x0")) storage[slot] = value;
    }
    const same = old && ["balance", "nonce", "code"].every((field) => old[field] === account[field]);
    if (same && Object.keys(storage).length === 0) continue;
    changed[address] = { balance: account.balance, nonce: account.nonce, codeHash: keccak256(account.code), storage };
  }
  for (const address of Object.keys(before)) if (!(address in after)) changed[address] = null;
  return changed;
}

async function ancestors(chain, number) {
  const hashes = {};
  for (let n = number - 1n; n >= 0n && n >= number - 256n; --n) {
    hashes[n] = (await chain.client.getBlock({ blockNumber: n })).hash;
  }
  return hashes;
}

/// Mines what `fill` sends and writes the block to `path`. `title` says what is in it.
export async function record(chain, path, title, fill) {
  // The header of the genesis block does not name the root of what has been put into the state since.
  await chain.mine();
  const preState = await chain.state();
  const witness = await witnessOf(chain, preState);
  const parent = await chain.rpc("eth_getBlockByNumber", "latest", false);
  await fill();
  const number = await chain.mine();
  const block = await chain.rpc("eth_getBlockByNumber", `0x${number.toString(16)}`, true);
  if (block.transactions.length === 0) throw new Error(`${title}: the block is empty`);
  const pool = await chain.rpc("txpool_status");
  if (BigInt(pool.pending) + BigInt(pool.queued) !== 0n) throw new Error(`${title}: not everything fitted into the block`);
  const postState = await chain.state();
  if (!(await chain.hasTrueRoot())) throw new Error(`${title}: execution left a zero slot or an empty account behind, the state root is not Ethereum's`);
  const receipts = [];
  for (const { hash } of block.transactions) {
    const { cumulativeGasUsed, status, logs } = await chain.rpc("eth_getTransactionReceipt", hash);
    receipts.push({ cumulativeGasUsed, status: Number(status), logs: logs.length });
  }
  const file = {
    chainId: chain.client.chain.id,
    fork: chain.fork[0].toUpperCase() + chain.fork.slice(1),
    header: pick(block, HEADER_FIELDS),
    parentHeader: pick(parent, HEADER_FIELDS),
    transactions: block.transactions,
    rawTransactions: block.transactions.map(({ hash }) => chain.raw.get(hash)),
    withdrawals: block.withdrawals ?? null,
    ommers: [],
    blockHashes: await ancestors(chain, number),
    blockHashesRead: [],
    preState,
    absentAccounts: Object.keys(postState).filter((address) => !(address in preState)),
    witness,
    preStateRoot: parent.stateRoot,
    expected: { receipts, postState: changes(preState, postState) },
    provenance: { source: "tools/record_blocks", client: await chain.rpc("web3_clientVersion"), title },
  };
  writeFileSync(path, gzipSync(JSON.stringify(file), { level: 9 }));
  const failed = receipts.filter(({ status }) => status === 0).length;
  console.log(
    `${path}: ${file.fork} block ${number}, ${receipts.length} transactions (${failed} failed), ` +
      `${(Number(block.gasUsed) / 1e6).toFixed(2)} Mgas`,
  );
}
