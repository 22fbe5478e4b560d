import { expect } from "chai";

import { warningsIn } from "../../scripts/checks/compiler-warnings.ts";
import { measureSizes, sizeTable } from "../../scripts/checks/sizes.ts";
import { lockedAddresses, machineNames, strayAssembly, switchedTests } from "../../scripts/checks/source-rules.ts";
import { soliditySummary } from "../../scripts/checks/suites.ts";
import { firstLine, lastLines } from "../../scripts/checks/tally.ts";
import { withIndexFiles } from "../../scripts/checks/typings.ts";
import { isWorthShowing } from "../../scripts/hardhat/own-warnings.ts";

const contract = (name: string, deployedSize: number, initSize = deployedSize) => ({
  path: "",
  name,
  source: `${name}.sol`,
  hasFunctions: true,
  linkedLibraries: [],
  deployedSize,
  initSize,
});

const problems = (...contracts: ReturnType<typeof contract>[]): string[] =>
  measureSizes(contracts).flatMap(({ problem }) => problem ?? []);

describe("Contract sizes", () => {
  it("accepts what is exactly at its limit", () => {
    expect(problems(contract("LoanBook", 22_576), contract("LenderVault", 24_576, 49_152))).to.deep.equal([]);
  });

  it("refuses a byte more", () => {
    expect(problems(contract("LoanBook", 22_577))).to.deep.equal(["LoanBook has 22,577 bytes, 1 over its limit."]);
    expect(problems(contract("LenderVault", 24_577))).to.have.lengthOf(1);
    expect(problems(contract("LenderVault", 24_576, 49_153))).to.have.lengthOf(1);
  });

  it("counts neither interfaces nor libraries without a function", () => {
    const library = { ...contract("Amounts", 60), hasFunctions: false };
    expect(measureSizes([library, contract("ILoanBook", 0)])).to.deep.equal([]);
  });

  it("lines up the table", () => {
    expect(sizeTable(measureSizes([contract("LoanBook", 18_508, 20_706)])).split("\n")).to.deep.equal([
      "contract  deployed    init  to spare",
      "LoanBook    18,508  20,706     6,068",
    ]);
  });
});

describe("Rules about sources", () => {
  it("finds tests that are switched off", () => {
    const words = ["it.sk" + "ip(", "describe.on" + "ly(", "x" + "it(", "x" + "describe(", "vm.sk" + "ip("];
    for (const word of words) {
      expect(switchedTests([{ path: "test/a.ts", text: `\n${word}"x")` }])).to.deep.equal([`test/a.ts:2: ${word}"x")`]);
    }
    expect(switchedTests([{ path: "test/a.ts", text: "exit(1); skip(); process.exit()" }])).to.deep.equal([]);
    expect(switchedTests([{ path: "docs/a.md", text: words.join("\n") }])).to.deep.equal([]);
  });

  it("finds assembly outside libraries", () => {
    const text = '        assembly ("memory-safe") {';
    expect(strayAssembly([{ path: "contracts/LoanBook.sol", text }])).to.have.lengthOf(1);
    expect(strayAssembly([{ path: "contracts/libraries/PriceFeeds.sol", text }])).to.deep.equal([]);
    expect(strayAssembly([{ path: "contracts/LoanBook.sol", text: "/// @dev No assembly here." }])).to.deep.equal([]);
  });

  it("finds hosts of registries and places on one machine", () => {
    const bad = ["https://registry." + "npmjs.org/x", "cd /ho" + "me/me", '"/wo' + 'rk/x"', "(/ro" + "ot/.cache)"];
    for (const text of bad) expect(machineNames([{ path: "a", text }]), text).to.have.lengthOf(1);
    const good = ["https://example.org/home/", "docs/Users/x", "../home/x", "a/b"];
    for (const text of good) expect(machineNames([{ path: "a", text }]), text).to.deep.equal([]);
  });

  it("finds addresses in the lock file", () => {
    const text = '  "resolved": "https://example.org/a.tgz",';
    expect(lockedAddresses([{ path: "package-lock.json", text }])).to.have.lengthOf(1);
    expect(lockedAddresses([{ path: "other.json", text }])).to.deep.equal([]);
  });
});

describe("What the tools report", () => {
  const run = (...statuses: string[]) => {
    const testResults = statuses.map((status, i) => ({
      name: `test_${i}`,
      status,
      reason: i === 1 ? "1 != 2" : undefined,
    }));
    return { suiteResults: [{ id: { name: "LoanIdTest" }, testResults }] };
  };

  it("counts Solidity tests one by one, skipped ones as failed", () => {
    expect(soliditySummary({ success: true, value: run("Success", "Success") })).to.deep.equal({
      passed: 2,
      failures: [],
    });
    expect(soliditySummary({ success: false, error: run("Success", "Failure") })).to.deep.equal({
      passed: 1,
      failures: ["LoanIdTest.test_1: 1 != 2"],
    });
    expect(soliditySummary({ success: true, value: run("Skipped") })).to.deep.equal({
      passed: 0,
      failures: ["LoanIdTest.test_0: Skipped"],
    });
  });

  it("counts a Solidity run that broke off as a failure", () => {
    expect(soliditySummary({ success: false, error: run("Success") })).to.deep.equal({
      passed: 1,
      failures: ["The Solidity tests broke off, and no test failed."],
    });
    expect(() => soliditySummary(undefined)).to.throw("returned no suiteResults");
  });

  it("ends with what failed, and with the line that others count from", () => {
    expect(lastLines({ passed: 12, failures: [] })).to.equal("12 passed, 0 failed");
    expect(lastLines({ passed: 2, failures: ["a", "b: 1"] })).to.equal("failed: a\nfailed: b: 1\n2 passed, 2 failed");
    expect([firstLine(new Error("one\ntwo")), firstLine("three\nfour")]).to.deep.equal(["one", "three"]);
  });

  it("keeps warnings about packages out of the output, and errors in", () => {
    const message = (severity: "error" | "warning", formattedMessage: string) =>
      isWorthShowing({ type: "", component: "general", message: "", severity, formattedMessage });
    expect(message("warning", "Warning: x\n --> ./node_modules/a/B.sol:1:1:")).to.equal(false);
    expect(message("warning", "npm/a@0.8.0/B.sol:1:1: Warning: x")).to.equal(false);
    expect(message("warning", "Warning: x\n --> contracts/LoanBook.sol:1:1:")).to.equal(true);
    expect(message("error", "Error: x\n --> ./node_modules/a/B.sol:1:1:")).to.equal(true);
  });

  it("reads our own warnings from the compiler's output", () => {
    const entry = (severity: string, file: string) => ({ severity, sourceLocation: { file }, formattedMessage: "x\n" });
    const errors = [
      entry("warning", "project/contracts/A.sol"),
      entry("warning", "npm/a/B.sol"),
      entry("info", "project/A"),
    ];
    const found = warningsIn(JSON.stringify({ output: { errors } }));
    expect(found).to.deep.equal([{ file: "project/contracts/A.sol", message: "x" }]);
    expect(warningsIn("{}")).to.deep.equal([]);
  });

  it("names the file where generated typings import a folder", () => {
    const source = 'import type * as interfaces from "./interfaces";\nimport type { A } from "./A.js";';
    expect(withIndexFiles(source)).to.equal(source.replace("./interfaces", "./interfaces/index.js"));
  });
});
