// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Contract artifacts, {abi, bytecode}: our own tokens compiled over OpenZeppelin, and Uniswap V2 as published.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import solc from "solc";

const require = createRequire(import.meta.url);

function compile(...names) {
  const sources = Object.fromEntries(
    names.map((name) => [`${name}.sol`, { content: readFileSync(new URL(`contracts/${name}.sol`, import.meta.url), "utf8") }]),
  );
  const input = {
    language: "Solidity",
    sources,
    settings: {
      // The oldest fork that is recorded must be able to run the code.
      evmVersion: "paris",
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
    },
  };
  const findImport = (path) => ({ contents: readFileSync(require.resolve(path), "utf8") });
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: findImport }));
  const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join("\n"));
  return names.map((name) => {
    const { abi, evm } = output.contracts[`${name}.sol`][name];
    return { abi, bytecode: `0x${evm.bytecode.object}` };
  });
}

function published(path) {
  const { abi, bytecode } = require(path);
  return { abi, bytecode: bytecode.startsWith("0x") ? bytecode : `0x${bytecode}` };
}

const [ExampleToken, ExampleCollectible] = compile("ExampleToken", "ExampleCollectible");

export { ExampleCollectible, ExampleToken };
export const UniswapV2Factory = published("@uniswap/v2-core/build/UniswapV2Factory.json");
export const UniswapV2Pair = published("@uniswap/v2-core/build/UniswapV2Pair.json");
export const UniswapV2Router02 = published("@uniswap/v2-periphery/build/UniswapV2Router02.json");
export const WETH9 = published("@uniswap/v2-periphery/build/WETH9.json");

/// Runtime code of the contracts that the protocol itself calls, by the EIP that gives it, with the first fork that
/// has the contract. The contract of EIP-4788 is left out: anvil does not call it, and where it is absent nothing may.
export const systemContracts = [
  {
    eip: 2935,
    since: "prague",
    address: "0x0000f90827f1c53a10cb7a02335b175320002935",
    code: "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500",
  },
  {
    eip: 7002,
    since: "prague",
    address: "0x00000961ef480eb55e80d19ad83579a64c007002",
    code: "0x3373fffffffffffffffffffffffffffffffffffffffe1460cb5760115f54807fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff146101f457600182026001905f5b5f82111560685781019083028483029004916001019190604d565b909390049250505036603814608857366101f457346101f4575f5260205ff35b34106101f457600154600101600155600354806003026004013381556001015f35815560010160203590553360601b5f5260385f601437604c5fa0600101600355005b6003546002548082038060101160df575060105b5f5b8181146101835782810160030260040181604c02815460601b8152601401816001015481526020019060020154807fffffffffffffffffffffffffffffffff00000000000000000000000000000000168252906010019060401c908160381c81600701538160301c81600601538160281c81600501538160201c81600401538160181c81600301538160101c81600201538160081c81600101535360010160e1565b910180921461019557906002556101a0565b90505f6002555f6003555b5f54807fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff14156101cd57505f5b6001546002828201116101e25750505f6101e8565b01600290035b5f555f600155604c025ff35b5f5ffd",
  },
  {
    eip: 7251,
    since: "prague",
    address: "0x0000bbddc7ce488642fb579f8b00f3a590007251",
    code: "0x3373fffffffffffffffffffffffffffffffffffffffe1460d35760115f54807fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff1461019a57600182026001905f5b5f82111560685781019083028483029004916001019190604d565b9093900492505050366060146088573661019a573461019a575f5260205ff35b341061019a57600154600101600155600354806004026004013381556001015f358155600101602035815560010160403590553360601b5f5260605f60143760745fa0600101600355005b6003546002548082038060021160e7575060025b5f5b8181146101295782810160040260040181607402815460601b815260140181600101548152602001816002015481526020019060030154905260010160e9565b910180921461013b5790600255610146565b90505f6002555f6003555b5f54807fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff141561017357505f5b6001546001828201116101885750505f61018e565b01600190035b5f555f6001556074025ff35b5f5ffd",
  },
];
