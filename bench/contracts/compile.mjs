// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// node compile.mjs FOLDER: writes FOLDER/NAME.json with the init code of every contract that workloads deploy: those of this
// folder and what they name from OpenZeppelin, compiled here; others as their packages ship them, compiled.
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";

const require = createRequire(import.meta.url);
const solc = require("solc");
const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const output = process.argv[2];

const OWN = fs.readdirSync(here).filter((name) => name.endsWith(".sol"));
const COMPILED_PACKAGES = ["@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol"];
const SHIPPED = {
  UniswapV2Factory: "@uniswap/v2-core/build/UniswapV2Factory.json",
  UniswapV2Pair: "@uniswap/v2-core/build/UniswapV2Pair.json",
  UniswapV2Router02: "@uniswap/v2-periphery/build/UniswapV2Router02.json",
  WETH9: "@uniswap/v2-periphery/build/WETH9.json",
  UniswapV3Factory: "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json",
};

function fail(message) {
  console.error(`compile.mjs: ${message}`);
  process.exit(1);
}

function find(name) {
  try {
    return fs.readFileSync(path.join(here, "node_modules", name), "utf8");
  } catch {
    return undefined;
  }
}

function write(name, bytecode) {
  const code = bytecode.startsWith("0x") ? bytecode : `0x${bytecode}`;
  if (!/^0x([0-9a-f]{2})+$/i.test(code)) fail(`${name}: its bytecode is not whole`);
  fs.writeFileSync(path.join(output, `${name}.json`), JSON.stringify({ contract: name, bytecode: code }) + "\n");
}

const sources = {};
for (const name of OWN) sources[name] = { content: fs.readFileSync(path.join(here, name), "utf8") };
for (const name of COMPILED_PACKAGES) sources[name] = { content: find(name) ?? fail(`${name}: not installed`) };
const settings = {
  evmVersion: "prague",
  optimizer: { enabled: true, runs: 200 },
  // Without it the code does not depend on where the sources lie.
  metadata: { bytecodeHash: "none" },
  outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
};
const input = JSON.stringify({ language: "Solidity", sources, settings });
const found = (name) => {
  const contents = sources[path.basename(name)]?.content ?? find(name);
  return contents === undefined ? { error: "not found" } : { contents };
};
const result = JSON.parse(solc.compile(input, { import: found }));
const errors = (result.errors ?? []).filter((error) => error.severity === "error");
if (errors.length > 0) fail(errors.map((error) => error.formattedMessage).join("\n"));

for (const source of Object.keys(sources)) {
  for (const [name, contract] of Object.entries(result.contracts[source] ?? {})) {
    if (contract.evm.bytecode.object !== "") write(name, contract.evm.bytecode.object);
  }
}
for (const [name, file] of Object.entries(SHIPPED)) {
  const text = find(file) ?? fail(`${file}: not installed`);
  write(name, JSON.parse(text).bytecode);
}
