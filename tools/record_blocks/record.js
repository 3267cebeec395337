// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// node record.js [FOLDER]: records the example blocks into FOLDER, by default examples/blocks.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { record } from "./block_file.js";
import { Chain } from "./chain.js";
import * as scenario from "./scenario.js";

const folder = process.argv[2] ?? fileURLToPath(new URL("../../examples/blocks", import.meta.url));

const USERS = 60;

/// A chain of `fork` where the contracts stand, the tokens are spread, and the pools are open.
async function settledChain(fork) {
  let chain = await Chain.start(fork, USERS);
  const world = await scenario.deployAll(chain);
  await chain.mine();
  await scenario.hand(chain, world);
  await chain.mine();
  await scenario.approve(chain, world);
  await chain.mine();
  await scenario.openPools(chain, world);
  await chain.mine();
  chain = await chain.settle();
  return { chain, world };
}

const recordings = [
  {
    name: "paris-deployments",
    title: "tokens, WETH and Uniswap V2 are deployed among payments",
    fork: "paris",
    bare: true,
    fill: async (chain) => {
      await scenario.payments(chain, 40);
      await scenario.deployAll(chain);
    },
  },
  {
    name: "shanghai-payments",
    title: "payments in ether",
    fork: "shanghai",
    bare: true,
    fill: (chain) => scenario.payments(chain, 300),
  },
  {
    name: "cancun-tokens",
    title: "transfers of four tokens, approvals, mints of one collectible, failing calls",
    fork: "cancun",
    fill: async (chain, world) => {
      await scenario.transfers(chain, world, 300);
      await scenario.approve(chain, world);
      await scenario.mints(chain, world, 30);
      await scenario.failures(chain, world);
    },
  },
  {
    name: "prague-swaps",
    title: "swaps in five Uniswap V2 pools",
    fork: "prague",
    fill: (chain, world) => scenario.swaps(chain, world, 240),
  },
  {
    name: "osaka-everything",
    title: "payments, transfers, swaps, mints, a deployment, delegations by EIP-7702, failing calls",
    fork: "osaka",
    fill: async (chain, world) => {
      await scenario.payments(chain, 100);
      await scenario.transfers(chain, world, 120);
      await scenario.swaps(chain, world, 70);
      await scenario.mints(chain, world, 10);
      await scenario.failures(chain, world);
      await scenario.deployAll(chain);
      await scenario.delegations(chain, world);
    },
  },
];

mkdirSync(folder, { recursive: true });
for (const { name, title, fork, bare, fill } of recordings) {
  const { chain, world } = bare ? { chain: await Chain.start(fork, USERS) } : await settledChain(fork);
  try {
    await record(chain, `${folder}/${name}.json.gz`, title, () => fill(chain, world));
  } finally {
    chain.stop();
  }
}
