import { type MoveGas, middlePath, playPlanted, realStep, somePath, totalGas } from "../test/support/plantedDispute.ts";
import { worstSteps } from "../test/support/worstStep.ts";
import type { Figure } from "./figure.ts";

const log2Ticks = 16;
const log2Steps = 24;

/**
 * Gas and transactions of a dispute over 2^16 ticks of 2^24 steps, both sides, from challenge to refutation, on prague
 * rules: real transactions on an in-process chain. The figure is that of a path of no particular kind, which ends in a store to
 * memory, with real machine states wherever one is proven. Beside it the worst: the path through the middle of every row,
 * where proofs are longest, to the most expensive step that can be constructed.
 */
export async function run(): Promise<Figure[]> {
  const path = somePath(log2Ticks, log2Steps);
  const step = await realStep();
  const columns = ["k", "transactions", "gas", "from a checkpoint", "gas", "rows", "selections", "rest"];
  console.log(columns.map((name) => name.padStart(17)).join(""));
  let chosen: { whole: MoveGas; part: MoveGas } | undefined;
  for (const log2Arity of [1, 2, 3, 4, 5]) {
    const whole = await playPlanted(log2Arity, path, step);
    // The multiple of log2Arity nearest to 2^8 ticks.
    const part = await playPlanted(log2Arity, path, step, Math.round(8 / log2Arity) * log2Arity);
    const rows = totalGas(whole.filter(({ move }) => move === "postRow"));
    const selects = totalGas(whole.filter(({ move }) => move.startsWith("select")));
    const cells = [2 ** log2Arity, whole.length, totalGas(whole), part.length, totalGas(part)];
    cells.push(rows, selects, totalGas(whole) - rows - selects);
    console.log(cells.map((cell) => cell.toLocaleString("en").padStart(17)).join(""));
    if (log2Arity === 4) chosen = { whole, part };
  }
  const { whole, part } = chosen!;
  const worstStep = worstSteps().reduce((a, b) => (b.witness.length > a.witness.length ? b : a));
  const worst = await playPlanted(4, middlePath(log2Ticks, log2Steps, 4), worstStep);
  console.log(`k = 16, longest proofs, ${worstStep.opcode.name}: ${totalGas(worst).toLocaleString("en")} gas`);
  for (const { move, gas } of whole) console.log(`${move.padEnd(24)}${gas.toLocaleString("en").padStart(9)}`);
  const lower = { better: "lower" } as const;
  return [
    { name: "dispute.gas", value: totalGas(whole), unit: "gas", target: 1_300_000, baseline: 9_500_000, ...lower },
    { name: "dispute.transactions", value: whole.length, unit: "transactions", target: 24, baseline: 40, ...lower },
    {
      name: "dispute.transactionsFromCheckpoint",
      value: part.length,
      unit: "transactions",
      target: 18,
      baseline: 40,
      ...lower,
    },
  ];
}
