// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// What the users of the example chain do. Amounts and partners follow from indices, so that a recording can be repeated.
import { getAddress, getContractAddress, pad, parseEther, zeroAddress } from "viem";
import {
  ExampleCollectible,
  ExampleToken,
  UniswapV2Factory,
  UniswapV2Router02,
  WETH9,
} from "./contracts.js";

const FAR_FUTURE = 4_000_000_000n;
const MAX = 2n ** 256n - 1n;

const address = (user) => user.account.address;
const fresh = (n) => getAddress(pad(`0x${(0xabc000 + n).toString(16)}`, { size: 20 }));

/// Tokens, a collectible, WETH, and Uniswap V2, each by its own deployer.
export async function deployAll(chain) {
  const [alice, bob, carol, dave] = chain.users;
  const supply = parseEther("100000000");
  const names = ["Apple", "Birch", "Cedar", "Damson"];
  const tokens = [];
  for (const name of names) {
    tokens.push(await chain.deploy(alice, ExampleToken, [name, name.slice(0, 3).toUpperCase(), supply]));
  }
  const collectible = await chain.deploy(bob, ExampleCollectible);
  const weth = await chain.deploy(carol, WETH9);
  const factory = await chain.deploy(dave, UniswapV2Factory, [address(dave)]);
  const router = await chain.deploy(dave, UniswapV2Router02, [factory.address, weth.address]);
  return { tokens, collectible, weth, factory, router };
}

/// Alice gives every user some of every token.
export async function hand(chain, { tokens }) {
  const [alice, ...others] = chain.users;
  for (const token of tokens) {
    for (const user of others) {
      await chain.call(alice, token, "transfer", [address(user), parseEther("10000")], { gas: 100_000n });
    }
  }
}

/// Everyone lets the router take their tokens.
export async function approve(chain, { tokens, router }) {
  for (const user of chain.users) {
    for (const token of tokens) await chain.call(user, token, "approve", [router.address, MAX], { gas: 100_000n });
  }
}

/// A pool for each pair of neighbouring tokens, and one of the first token with ether. The router keeps a wei of WETH, so
/// that its balance does not return to zero after every swap.
export async function openPools(chain, { tokens, weth, router }) {
  const [alice, , carol] = chain.users;
  await chain.call(carol, weth, "deposit", [], { value: 1n });
  await chain.call(carol, weth, "transfer", [router.address, 1n]);
  const amount = parseEther("1000000");
  for (const [index, token] of tokens.entries()) {
    const next = tokens[(index + 1) % tokens.length];
    const pair = [token.address, next.address];
    const amounts = [amount, amount * BigInt(index + 2), 0n, 0n];
    await chain.call(alice, router, "addLiquidity", [...pair, ...amounts, address(alice), FAR_FUTURE], { gas: 4_000_000n });
  }
  const ether = [tokens[0].address, amount, 0n, 0n, address(alice), FAR_FUTURE];
  await chain.call(alice, router, "addLiquidityETH", ether, { value: parseEther("500"), gas: 4_000_000n });
}

/// Ether between users in disjoint pairs, and to addresses that did not exist.
export async function payments(chain, count) {
  const { users } = chain;
  for (let n = 0; n < count; ++n) {
    const to = n % 5 === 4 ? fresh(n) : address(users[(n * 7 + 3) % users.length]);
    const type = ["eip1559", "legacy", "eip2930"][n % 3];
    await chain.send(users[n % users.length], { type, to, value: parseEther("0.01") + BigInt(n), gas: 21_000n });
  }
}

/// Token transfers: most between partners of their own, some all to one popular receiver.
export async function transfers(chain, { tokens }, count) {
  const { users } = chain;
  for (let n = 0; n < count; ++n) {
    const to = n % 6 === 0 ? address(users[0]) : address(users[(n * 11 + 5) % users.length]);
    const token = tokens[n % tokens.length];
    await chain.call(users[n % users.length], token, "transfer", [to, BigInt(n + 1) * 10n ** 15n], { gas: 100_000n });
  }
}

/// Mints of one collectible: each reads the counter that the one before wrote.
export async function mints(chain, { collectible }, count) {
  for (let n = 0; n < count; ++n) await chain.call(chain.users[n % chain.users.length], collectible, "mint", [], { gas: 200_000n });
}

/// Swaps through every pool, some over two pools, some from ether.
export async function swaps(chain, { tokens, weth, router }, count) {
  for (let n = 0; n < count; ++n) {
    const user = chain.users[n % chain.users.length];
    const [a, b, c] = [0, 1, 2].map((step) => tokens[(n + step) % tokens.length].address);
    const tail = [address(user), FAR_FUTURE];
    if (n % 8 === 7) {
      const path = [weth.address, tokens[0].address];
      await chain.call(user, router, "swapExactETHForTokens", [0n, path, ...tail], { value: parseEther("0.1") });
    } else {
      const path = n % 3 === 0 ? [a, b, c] : n % 3 === 1 ? [a, b] : [b, a];
      await chain.call(user, router, "swapExactTokensForTokens", [parseEther("1") + BigInt(n), 0n, path, ...tail]);
    }
  }
}

/// A transfer of more than the sender has, an expired swap, a call that runs out of gas, an init code that reverts.
/// Where the last would have created a contract there is a wei already, so that the address does not become empty.
export async function failures(chain, { tokens, router }) {
  const [, , , , eve, frank, grace, heidi] = chain.users;
  await chain.call(eve, tokens[0], "transfer", [address(frank), parseEther("99999999")], { gas: 100_000n });
  const path = [tokens[0].address, tokens[1].address];
  await chain.call(frank, router, "swapExactTokensForTokens", [1000n, 0n, path, address(frank), 1n]);
  await chain.call(grace, tokens[1], "transfer", [address(heidi), 1n], { gas: 25_000n });
  await chain.send(heidi, { to: getContractAddress({ from: address(heidi), nonce: BigInt(heidi.nonce + 1) }), value: 1n, gas: 21_000n });
  await chain.send(heidi, { data: "0x60006000fd", gas: 60_000n });
}

/// EIP-7702: Ivan takes a token's code himself; Kim pays for Judy, who takes one and gives it up again; Kim calls both.
/// Neither Ivan nor Judy sends anything afterwards: the pool of the node does not see their nonces move.
export async function delegations(chain, { tokens }) {
  const [ivan, judy, kim] = chain.users.slice(8);
  const chainId = chain.client.chain.id;
  const authorize = async (user, delegate) => {
    const signed = await user.account.signAuthorization({ chainId, address: delegate, nonce: user.nonce });
    user.nonce += 1;
    return signed;
  };
  const delegate = (sender, authorization, nonce) =>
    chain.send(sender, { type: "eip7702", to: address(kim), authorizationList: [authorization], gas: 120_000n, nonce });

  // The sender's nonce has gone up when the authorisation is read.
  const sending = ivan.nonce++;
  const own = await authorize(ivan, tokens[0].address);
  await delegate(ivan, own, sending);
  await delegate(kim, await authorize(judy, tokens[1].address));
  for (const user of [ivan, judy]) {
    await chain.call(kim, { ...tokens[0], address: address(user) }, "approve", [address(judy), 5n], { gas: 100_000n });
  }
  await delegate(kim, await authorize(judy, zeroAddress));
}
