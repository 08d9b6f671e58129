import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { describe as describeFiles } from "../../scripts/coverage/report.ts";
import { probedSolidity, solidityConditions } from "../../scripts/coverage/solidity.ts";
import { probedTypescript, typescriptCountable } from "../../scripts/coverage/typescript.ts";

const solc: { compile(input: string): string } = createRequire(import.meta.url)("solc");
const probe = readFileSync(new URL("../../scripts/coverage/BranchProbe.sol", import.meta.url), "utf8");

const contract = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;
/// @notice left ‖ right: more bytes than characters.
contract Example {
    bool private constant FIXED = true ? true : false;
    function f(uint256 a, bool b) external pure returns (uint256) {
        if (a == 0 || (b && a > 7)) return 1;
        for (uint256 i = 0; i < a; i++) if (!b) a--;
        while (b) b = a == 2 ? false : b;
        for (;;) return a;
    }
}
`;

describe("coverage of Solidity", () => {
  const conditions = solidityConditions(contract);

  it("counts what an if, a loop and a conditional expression decide by, operand by operand", () => {
    const texts = conditions.toSorted((a, b) => a.start - b.start).map(({ start, end }) => contract.slice(start, end));
    expect(texts).toEqual(["a == 0", "b", "a > 7", "i < a", "!b", "b", "a == 2"]);
  });

  it("rewrites a contract on the same lines, and the compiler takes it", () => {
    const text = probedSolidity(contract, conditions, "./BranchProbe.sol", 40);
    expect(text.split("\n").length).toBe(contract.split("\n").length);
    const input = {
      language: "Solidity",
      sources: { "Example.sol": { content: text }, "BranchProbe.sol": { content: probe } },
      settings: { outputSelection: { "*": { "*": ["evm.bytecode.object"] } } },
    };
    const { errors = [] } = JSON.parse(solc.compile(JSON.stringify(input))) as { errors?: { severity: string }[] };
    expect(errors.filter(({ severity }) => severity === "error")).toEqual([]);
    for (let id = 40; id < 47; id++) expect(text.split(`BranchProbe.at(${id}, (`).length).toBe(2);
  });
});

describe("coverage of TypeScript", () => {
  it("counts statements and conditions, and rewrites them on the same lines", () => {
    const source = `export function f(a: number, b?: { c: number }): number {
  if (a > 1 && !b) return 2;
  else a++;
  const d = [1].map((e) => ({ e: e || a }));
  return b?.c ?? (d.length ? 1 : 0);
}
`;
    expect(probedTypescript(source, typescriptCountable(source), "./probe.ts", 0, 0).split("\n")).toEqual([
      'import * as branchProbe from "./probe.ts"; export function f(a: number, b?: { c: number }): number {',
      "  branchProbe.reach(0); if (branchProbe.decide(0, (a > 1)) && branchProbe.decide(1, (!b))) { branchProbe.reach(3); return 2; }",
      "  else { branchProbe.reach(4); a++; }",
      "  branchProbe.reach(1); const d = [1].map((e) => ((branchProbe.reach(5), { e: branchProbe.decide(2, (e)) || branchProbe.decide(3, (a)) })));",
      "  branchProbe.reach(2); return branchProbe.lookFor(4, (branchProbe.lookFor(5, (b))?.c)) ?? (branchProbe.decide(6, (d.length)) ? 1 : 0);",
      "}",
      "",
    ]);
  });
});

describe("the report", () => {
  it("has a row for each file and names what was not executed", () => {
    const branch = { line: 2, condition: "a", taken: true, outcome: true };
    const lines = new Map([
      [1, true],
      [2, true],
      [4, false],
    ]);
    const branches = [branch, { ...branch, outcome: false, taken: false }];
    expect(describeFiles([{ file: "a.sol", lines, branches }]).split("\n")).toEqual([
      "| file | lines | branches |",
      "| --- | --- | --- |",
      "| a.sol | 2 of 3 | 1 of 2 |",
      "| **all** | 2 of 3 | 1 of 2 |",
      "",
      "a.sol:4 not executed",
      "a.sol:2 never false: a",
    ]);
  });
});
