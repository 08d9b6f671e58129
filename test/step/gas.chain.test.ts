import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { median } from "../../bench/figure.ts";
import { opcodes } from "../../src/machine/opcodes.ts";
import { measureStepGas } from "../support/stepGas.ts";

const snapshotFile = new URL("../snapshots/stepGas.json", import.meta.url);

/** All-in gas of the most expensive step there is: base, calldata and execution. */
const worstGas = 150_000;
const medianGas = 110_000;
/** EIP-170. */
const maxCodeBytes = 24_576;

describe("attack on a step: 30. the worst step, not the average: its gas", async () => {
  const { worst, codeBytes } = await measureStepGas();

  it.each(worst.map((gas) => [gas.opcode.name, gas] as const))("stays below the ceiling for %s", (_, gas) => {
    expect(gas.transaction).toBeLessThanOrEqual(worstGas);
  });

  it("is measured for every instruction", () => {
    expect(worst.map(({ opcode }) => opcode.number)).toEqual(opcodes.map(({ number }) => number));
  });

  it("has a median over the instructions below its own ceiling", () => {
    expect(median(worst.map(({ transaction }) => transaction))).toBeLessThanOrEqual(medianGas);
  });

  it("is paid for calldata only: execution disappears below the floor of EIP-7623", () => {
    for (const { opcode, bytes, transaction, execution } of worst) {
      expect(21_000 + 16 * bytes + execution, opcode.name).toBeLessThan(transaction);
    }
  });

  it("and the verifier's size are those of the snapshot", () => {
    const measured = {
      codeBytes,
      steps: Object.fromEntries(
        worst.map(({ opcode, bytes, transaction, execution }) => [opcode.name, { bytes, transaction, execution }]),
      ),
    };
    if (process.env.ASSAY_UPDATE_SNAPSHOTS) writeFileSync(snapshotFile, snapshotText(measured));
    expect(measured, "ASSAY_UPDATE_SNAPSHOTS=1 accepts").toEqual(JSON.parse(readFileSync(snapshotFile, "utf8")));
    expect(codeBytes).toBeLessThan(maxCodeBytes);
  });
});

/** One line for each instruction, so that a difference is easy to read. */
function snapshotText({ codeBytes, steps }: { codeBytes: number; steps: Record<string, object> }): string {
  const lines = Object.entries(steps).map(([name, gas]) => `    "${name}": ${JSON.stringify(gas)}`);
  const spaced = lines
    .join(",\n")
    .replace(/(?<=[:,{])(?=["\d])|(?=})/g, " ")
    .replaceAll(":  ", ": ");
  return `{\n  "codeBytes": ${codeBytes},\n  "steps": {\n${spaced}\n  }\n}\n`;
}
