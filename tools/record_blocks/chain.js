// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// An anvil of our own: started on a free port, mined by hand, its whole state readable.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { gunzipSync } from "node:zlib";
import { createPublicClient, encodeDeployData, encodeFunctionData, getContractAddress, http, pad } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import { systemContracts } from "./contracts.js";

const MNEMONIC = "test test test test test test test test test test test junk";
const FORKS = ["paris", "shanghai", "cancun", "prague", "osaka"];
const GENESIS_TIME = 1_700_000_000;
const BENEFICIARY = "0xfee0000000000000000000000000000000000fee";

function systemAccounts(fork) {
  const present = systemContracts.filter(({ since }) => FORKS.indexOf(fork) >= FORKS.indexOf(since));
  return Object.fromEntries(present.map(({ address, code }) => [address, { balance: "0x0", nonce: "0x1", code, storage: {} }]));
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export class Chain {
  /// Starts anvil at `fork` with `users` funded accounts, automatic mining off.
  static async start(fork, users) {
    const port = await freePort();
    const anvil = spawn(
      createRequire(import.meta.url).resolve("@foundry-rs/anvil-linux-amd64/bin/anvil"),
      [
        ...["--hardfork", fork, "--port", `${port}`, "--accounts", `${users}`, "--mnemonic", MNEMONIC],
        ...["--timestamp", `${GENESIS_TIME}`, "--gas-limit", "36000000", "--no-mining", "--order", "fifo", "--silent"],
      ],
      { stdio: "ignore" },
    );
    const client = createPublicClient({ chain: foundry, transport: http(`http://127.0.0.1:${port}`, { retryCount: 0 }) });
    const chain = new Chain(anvil, client, fork, users);
    await chain.#ready();
    await chain.rpc("anvil_setCoinbase", BENEFICIARY);
    await chain.#put(systemAccounts(fork));
    return chain;
  }

  /// A new chain of the same fork on the state of this one, which stops. The new node knows no slot that is zero, see
  /// hasTrueRoot().
  async settle() {
    const state = await this.state();
    this.stop();
    const chain = await Chain.start(this.fork, this.users.length);
    await chain.#put(state);
    for (const [index, user] of this.users.entries()) chain.users[index].nonce = user.nonce;
    chain.time = this.time;
    return chain;
  }

  constructor(anvil, client, fork, users) {
    this.anvil = anvil;
    this.client = client;
    this.fork = fork;
    this.users = Array.from({ length: users }, (_, addressIndex) => ({
      account: mnemonicToAccount(MNEMONIC, { addressIndex }),
      nonce: 0,
    }));
    this.time = GENESIS_TIME;
    this.raw = new Map();
  }

  stop() {
    this.anvil.kill();
  }

  rpc(method, ...params) {
    return this.client.request({ method, params });
  }

  async #ready() {
    for (let attempt = 0; attempt < 100; ++attempt) {
      try {
        await this.client.getBlockNumber({ cacheTime: 0 });
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    throw new Error("anvil does not answer");
  }

  async #put(state) {
    for (const [address, { balance, nonce, code, storage }] of Object.entries(state)) {
      await this.rpc("anvil_setBalance", address, balance);
      await this.rpc("anvil_setNonce", address, nonce);
      if (code !== "0x") await this.rpc("anvil_setCode", address, code);
      for (const [slot, value] of Object.entries(storage)) {
        await this.rpc("anvil_setStorageAt", address, slot, pad(value, { size: 32 }));
      }
    }
  }

  /// Signs and sends a transaction of a user; it waits in the pool until mine().
  async send(user, transaction) {
    const fees = ["legacy", "eip2930"].includes(transaction.type)
      ? { gasPrice: 3_000_000_000n }
      : { maxFeePerGas: 5_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n };
    const raw = await user.account.signTransaction({
      type: "eip1559",
      chainId: foundry.id,
      gas: 400_000n,
      ...fees,
      ...transaction,
      nonce: transaction.nonce ?? user.nonce++,
    });
    this.raw.set(await this.rpc("eth_sendRawTransaction", raw), raw);
  }

  /// Deploys a contract; gives {address, abi}.
  async deploy(user, { abi, bytecode }, args = [], gas = 6_000_000n) {
    const address = getContractAddress({ from: user.account.address, nonce: BigInt(user.nonce) });
    await this.send(user, { data: encodeDeployData({ abi, bytecode, args }), gas });
    return { address, abi };
  }

  async call(user, { address, abi }, functionName, args = [], transaction = {}) {
    await this.send(user, { to: address, data: encodeFunctionData({ abi, functionName, args }), ...transaction });
  }

  /// Mines everything that was sent; gives the block's number.
  async mine() {
    this.time += 12;
    await this.rpc("evm_setNextBlockTimestamp", this.time);
    await this.rpc("evm_mine");
    return this.client.getBlockNumber({ cacheTime: 0 });
  }

  async #dump() {
    const dump = await this.rpc("anvil_dumpState");
    return Object.entries(JSON.parse(gunzipSync(Buffer.from(dump.slice(2), "hex"))).accounts);
  }

  /// Whether the state root of the latest block is the one that Ethereum defines: anvil's tries also hold slots that are
  /// zero, and accounts that EIP-161 removes.
  async hasTrueRoot() {
    return (await this.#dump()).every(
      ([, { balance, nonce, code, storage }]) =>
        (BigInt(balance) !== 0n || BigInt(nonce) !== 0n || code !== "0x") &&
        Object.values(storage).every((value) => BigInt(value) !== 0n),
    );
  }

  /// Every account that exists, {address: {balance, nonce, code, storage}}, zero slots left out.
  async state() {
    const quantity = (value) => `0x${BigInt(value).toString(16)}`;
    return Object.fromEntries(
      (await this.#dump()).map(([address, { balance, nonce, code, storage }]) => [
        address.toLowerCase(),
        {
          balance: quantity(balance),
          nonce: quantity(nonce),
          code,
          storage: Object.fromEntries(
            Object.entries(storage)
              .filter(([, value]) => BigInt(value) !== 0n)
              .map(([slot, value]) => [quantity(slot), quantity(value)]),
          ),
        },
      ]),
    );
  }
}
