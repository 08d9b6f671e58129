import { concat as concatHex, hexlify } from "ethers";
import { network } from "hardhat";
import { describe, expect, it } from "vitest";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";
import type { Bytes } from "./bytes.ts";
import { argument, calldataOf, type Fixed } from "./call.ts";
import { type Compiled, compile } from "./compile.ts";
import { type Assignment, evaluator } from "./evaluate.ts";
import { execute } from "./execute.ts";
import { arithmetic } from "./properties/arithmetic.ts";
import { clocks } from "./properties/clocks.ts";
import { money } from "./properties/money.ts";
import { ranges } from "./properties/ranges.ts";
import { rows } from "./properties/rows.ts";
import type { Subject } from "./properties/subject.ts";
import { walks } from "./properties/walks.ts";
import { words } from "./properties/words.ts";

const casesPerProperty = 3;
const callsPerCase = 4;

function hexOf(bytes: Bytes, assignment: Assignment): string {
  if (bytes.length === 0) return "0x";
  const evaluate = evaluator(assignment);
  const parts = bytes.words(0, bytes.length);
  return concatHex(
    parts.map(
      (part) =>
        `0x${evaluate(part)
          .toString(16)
          .padStart(part.width / 4, "0")}`,
    ),
  );
}

/** Values for all variables of a call: small ones often, so that assumptions hold now and then. */
function randomArguments(random: Random, contract: Compiled, functionName: string, fixed: Fixed): Assignment {
  const { inputs } = contract.abi.find(({ name }) => name === functionName)!;
  const elements = inputs.flatMap((input) => {
    if (!input.type.endsWith("[]")) return [input];
    const type = input.type.slice(0, -2);
    return Array.from({ length: Number(fixed[input.name]) }, (_, i) => ({ name: `${input.name}_${i}`, type }));
  });
  return Object.fromEntries(
    elements.map((element) => {
      const digits = hexlify(random.fill(new Uint8Array(32)));
      const value = random.chance(0.5) ? BigInt(random.below(8)) : BigInt(digits);
      return [element.name, BigInt.asUintN(argument(element).width, value)];
    }),
  );
}

describe.each<Subject>([clocks, ranges, words, money, rows, walks, arithmetic])("$contract", async (subject) => {
  const { ethers } = await network.create();
  const [signer] = await ethers.getSigners();

  async function deployed({ code }: Compiled): Promise<string> {
    // codecopy(0, 10, length); return(0, length)
    const length = code.length.toString(16).padStart(4, "0");
    const transaction = await signer!.sendTransaction({
      data: `0x61${length}80600a5f395ff3${Buffer.from(code).toString("hex")}`,
    });
    return (await transaction.wait())!.contractAddress!;
  }

  async function realCall(to: string, data: string): Promise<readonly ["return" | "revert", string]> {
    try {
      return ["return", await ethers.provider.send("eth_call", [{ to, data, gas: "0xf00000" }, "latest"])];
    } catch (error) {
      return ["revert", (error as { data: string }).data];
    }
  }

  it("ends in exactly one way for any arguments, and so as on a real EVM", async () => {
    const random = new Random(seed);
    const [contract] = compile(subject.contract, subject.deployment, [[]]) as [Compiled];
    const address = await deployed(contract);
    for (const { name, functionName = name, cases = [{ fixed: {} }] } of subject.properties) {
      const picked = cases.length === 1 ? cases : Array.from({ length: casesPerProperty }, () => random.pick(cases));
      for (const { fixed } of picked) {
        const calldata = calldataOf(contract, functionName, fixed);
        const endings = execute(contract.code, calldata);
        for (let i = 0; i < callsPerCase; i++) {
          const assignment = randomArguments(random, contract, functionName, fixed);
          const evaluate = evaluator(assignment);
          const reached = endings.filter(({ condition }) => evaluate(condition) === 1n);
          const ends = reached.map(({ kind, data }) => [kind, hexOf(data, assignment)]);
          const real = await realCall(address, hexOf(calldata, assignment));
          expect(ends, `${name} ${JSON.stringify(fixed)}`).toEqual([real]);
        }
      }
    }
  });
});
