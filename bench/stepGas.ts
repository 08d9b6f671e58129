import { measureStepGas, type StepGas } from "../test/support/stepGas.ts";
import { type Figure, median } from "./figure.ts";

/** Gas of one step on chain, all-in, in its constructed worst case: over every instruction, and by family. */
export async function run(): Promise<Figure[]> {
  const { worst, codeBytes } = await measureStepGas();
  const gas = worst.map(({ transaction }) => transaction);
  console.log("family       instructions   bytes of witness   gas, all-in: least  median    most   execution: most");
  for (const [family, steps] of Object.entries(byFamily(worst))) {
    const all = steps.map(({ transaction }) => transaction);
    const columns = [
      family.padEnd(12),
      String(steps.length).padStart(13),
      String(Math.max(...steps.map(({ bytes }) => bytes))).padStart(18),
      String(Math.min(...all)).padStart(20),
      String(median(all)).padStart(8),
      String(Math.max(...all)).padStart(8),
      String(Math.max(...steps.map(({ execution }) => execution))).padStart(17),
    ];
    console.log(columns.join(""));
  }
  console.log(`step verifier: ${codeBytes} bytes of code`);
  return [
    // Cartesi executes a step of its own machine for about 0.13 M gas.
    {
      name: "step.gas.worst",
      value: Math.max(...gas),
      unit: "gas",
      target: 150_000,
      better: "lower",
      baseline: 130_000,
    },
    { name: "step.gas.median", value: median(gas), unit: "gas", target: 110_000, better: "lower" },
  ];
}

function byFamily(steps: readonly StepGas[]): Record<string, StepGas[]> {
  const families: Record<string, StepGas[]> = {};
  for (const step of steps) {
    families[step.opcode.family] ??= [];
    families[step.opcode.family]!.push(step);
  }
  return families;
}
