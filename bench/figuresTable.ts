import { type Figure, meetsTarget } from "./figure.ts";

const begin = "<!-- figures: begin (npm run bench writes what stands between the marks) -->";
const end = "<!-- figures: end -->";

/** What each figure is, for the README's table; a figure without a line here is not shown there. `{baseline}`: the figure's own. */
const meanings: Readonly<Record<string, { what: string; others: string }>> = {
  "linux.mips.boot": { what: "guest: boot and switch off", others: "QEMU {baseline}" },
  "linux.mips.tcc": { what: "guest: compile a C project with tcc", others: "QEMU {baseline}" },
  "linux.mips.esbuild": {
    what: "guest: bundle TypeScript with esbuild",
    others: "QEMU {baseline}, Cartesi 133, TinyEMU 112",
  },
  "linux.mips.gcc": { what: "guest: build a C project with make and gcc -O2", others: "QEMU {baseline}" },
  "linux.vsQemu": { what: "wall time over QEMU's, boot and esbuild", others: "" },
  "linux.vsQemu.gcc": { what: "wall time over QEMU's, make and gcc", others: "" },
  "linux.bootInstructions": { what: "from reset to the first process", others: "" },
  "linux.esbuildInstructions": { what: "the whole esbuild build, boot included", others: "" },
  "linux.overhead": { what: "claim-ready execution vs. the bare emulator, gcc build", others: "" },
  "linux.dirtyPagesPerSecond": { what: "pages of 4 KiB that it hashes", others: "" },
  "linux.buildSeconds": { what: "gcc build in the bare emulator", others: "" },
  "linux.disputeSeconds": { what: "a lie in it caught: runs and dispute, both sides", others: "" },
  "linux.disputeTransactions": { what: "transactions of that dispute", others: "40-150" },
  "linux.disputeGas": { what: "its gas", others: "" },
  "linux.peakMemory": { what: "peak memory of a daemon, gcc build", others: "" },
  "linux.peakMemoryInDispute": { what: "the same in the dispute", others: "" },
  "daemons.restartSeconds": { what: "a daemon's ledger ready again, after 10,000 builds", others: "" },
  "daemons.idleRequests": { what: "RPC requests of a poll while nothing happens", others: "" },
  "daemons.revealDelayBlocks": {
    what: "from commit to reveal beyond the least age, 100 builds and 24 wrong claims at once",
    others: "",
  },
  "daemons.peakMemory": { what: "peak memory of a daemon in that", others: "" },
  "native.overhead": {
    what: "committed execution vs. the same module in plain Node",
    others: "Truebit's interpreter 260-2200x, Cartesi's hashing 1.1-2.5x",
  },
  "native.startRootSeconds": { what: "root of the start state", others: "" },
  "native.hashMegabytesPerSecond": { what: "hashing of dirty pages", others: "" },
  "native.dirtyPagesPerSecond": { what: "dirty 4 KiB pages, root included", others: "" },
  "stepper.stepsPerSecond": { what: "interpreted steps", others: "Truebit's interpreter 12-30 M" },
  "stepper.slowdown": { what: "interpreter vs. native", others: "Truebit's proof of concept 600x" },
  "stepper.rootSeconds": { what: "state root after 1 M steps", others: "" },
  "step.gas.worst": { what: "one step on chain, worst opcode and address, all-in", others: "Nitro 1.2-1.5 M" },
  "step.gas.median": { what: "one step on chain, median over opcodes", others: "Cartesi 130 k, Cannon 100 k (32-bit)" },
  "dispute.gas": {
    what: "whole dispute, 2^16 ticks of 2^24 steps, both sides",
    others: "Cartesi 9.5 M, OP 73 moves of 200 k, BoLD 68 of 500 k",
  },
  "dispute.gasAmsterdam": { what: "the same under the rules of the Amsterdam fork", others: "" },
  "dispute.gasPerClone": { what: "one more clone of the wrong claim, the verifier's part", others: "" },
  "dispute.words": { what: "storage words that the dispute fills", others: "" },
  "dispute.transactions": { what: "its transactions", others: "40-150" },
  "dispute.transactionsFromCheckpoint": { what: "from a published checkpoint, 2^8 ticks apart", others: "" },
  "build.gas": { what: "a build that nobody challenges: commit, reveal, finalize", others: "" },
  "build.gasAmsterdam": { what: "the same under the rules of the Amsterdam fork", others: "" },
  "build.words": { what: "storage words that it fills", others: "" },
  "verifier.peakMemory": { what: "peak memory of a verifier, 256 MiB machine", others: "" },
  "proof.seconds": { what: "making the proof of the disputed step", others: "" },
};

/** The figures as a Markdown table, between its marks. */
export function figuresTable(figures: readonly Figure[]): string {
  const rows = figures
    .filter(({ name }) => name in meanings)
    .map((figure) => {
      const { what, others } = meanings[figure.name]!;
      const relation = figure.better === "lower" ? "≤" : "≥";
      const known = others.replace("{baseline}", figure.baseline === undefined ? "not run" : number(figure.baseline));
      const mark = meetsTarget(figure) ? "" : " (short)";
      return `| ${what} | \`${figure.name}\` | ${number(figure.value)} ${figure.unit}${mark} | ${relation} ${number(figure.target)} | ${known} |`;
    });
  return [begin, "| what | name | measured | target | others |", "|---|---|---|---|---|", ...rows, end].join("\n");
}

/** `readme` with its table replaced. */
export function withFiguresTable(readme: string, figures: readonly Figure[]): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) return readme;
  return readme.slice(0, from) + figuresTable(figures) + readme.slice(to + end.length);
}

function number(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString("en-US", { maximumFractionDigits: 4 });
}
