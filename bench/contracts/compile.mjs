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
const COMPILED_PACKAGES = [
  "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol",
  "solmate/src/test/utils/mocks/MockERC20.sol",
];
const aave = (name) => `@aave/core-v3/artifacts/contracts/${name}.sol/${path.basename(name)}.json`;
const SHIPPED = {
  UniswapV2Token: "@uniswap/v2-core/build/ERC20.json",
  UniswapV2Factory: "@uniswap/v2-core/build/UniswapV2Factory.json",
  UniswapV2Pair: "@uniswap/v2-core/build/UniswapV2Pair.json",
  UniswapV2Router02: "@uniswap/v2-periphery/build/UniswapV2Router02.json",
  WETH9: "@uniswap/v2-periphery/build/WETH9.json",
  UniswapV3Factory: "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json",
  PoolAddressesProvider: aave("protocol/configuration/PoolAddressesProvider"),
  ACLManager: aave("protocol/configuration/ACLManager"),
  AaveOracle: aave("misc/AaveOracle"),
  AavePool: aave("protocol/pool/Pool"),
  PoolConfigurator: aave("protocol/pool/PoolConfigurator"),
  DefaultReserveInterestRateStrategy: aave("protocol/pool/DefaultReserveInterestRateStrategy"),
  AToken: aave("protocol/tokenization/AToken"),
  StableDebtToken: aave("protocol/tokenization/StableDebtToken"),
  VariableDebtToken: aave("protocol/tokenization/VariableDebtToken"),
  BorrowLogic: aave("protocol/libraries/logic/BorrowLogic"),
  BridgeLogic: aave("protocol/libraries/logic/BridgeLogic"),
  ConfiguratorLogic: aave("protocol/libraries/logic/ConfiguratorLogic"),
  EModeLogic: aave("protocol/libraries/logic/EModeLogic"),
  FlashLoanLogic: aave("protocol/libraries/logic/FlashLoanLogic"),
  LiquidationLogic: aave("protocol/libraries/logic/LiquidationLogic"),
  PoolLogic: aave("protocol/libraries/logic/PoolLogic"),
  SupplyLogic: aave("protocol/libraries/logic/SupplyLogic"),
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

// `references`: by source file and library, where in the code addresses of libraries are to be put.
function write(name, bytecode, references = {}) {
  let code = bytecode.startsWith("0x") ? bytecode : `0x${bytecode}`;
  const links = [];
  for (const [library, places] of Object.values(references).flatMap(Object.entries)) {
    for (const { start, length } of places) {
      const at = 2 + 2 * start;
      code = code.slice(0, at) + "0".repeat(2 * length) + code.slice(at + 2 * length);
      links.push({ contract: library, offset: start });
    }
  }
  if (!/^0x([0-9a-f]{2})+$/i.test(code)) fail(`${name}: its bytecode is not whole`);
  fs.writeFileSync(path.join(output, `${name}.json`), JSON.stringify({ contract: name, bytecode: code, links }) + "\n");
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
  const artifact = JSON.parse(text);
  write(name, artifact.bytecode, artifact.linkReferences);
}
