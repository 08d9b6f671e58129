import { type Figure, meetsTarget } from "./figure.ts";

const begin = "<!-- figures: begin (npm run bench writes what stands between the marks) -->";
const end = "<!-- figures: end -->";

/** One row: what the figure is, understandable by itself, and what others reach; `{baseline}` is the figure's own. */
interface Row {
  readonly name: string;
  readonly what: string;
  readonly others?: string;
}

/** What a reader of the README asks first: a dispute, a step, execution, guests, daemons. At most fifteen. */
const first: readonly Row[] = [
  {
    name: "dispute.gas",
    what: "gas of a whole dispute over 2^16 ticks of 2^24 steps, both sides",
    others: "Cartesi 9.5 M, OP 73 moves of 200 k, BoLD 68 of 500 k",
  },
  { name: "dispute.transactions", what: "transactions of a whole dispute", others: "40-150" },
  { name: "dispute.gasPerClone", what: "gas of one more clone of a wrong claim, the verifier's part" },
  { name: "build.gas", what: "gas of a build that nobody challenges: commit, reveal, finalize, withdraw" },
  {
    name: "step.gas.worst",
    what: "gas of one step on chain: worst instruction and address",
    others: "Nitro 1.2-1.5 M",
  },
  {
    name: "step.gas.median",
    what: "gas of one step on chain: median over instructions",
    others: "Cartesi 130 k, Cannon 100 k (32-bit)",
  },
  {
    name: "native.overhead",
    what: "time of a run with all its state roots, over the same module in plain Node",
    others: "Truebit's interpreter 260-2200x, Cartesi's hashing 1.1-2.5x",
  },
  {
    name: "stepper.stepsPerSecond",
    what: "steps that the interpreter executes in a second",
    others: "Truebit's interpreter 12-30 M",
  },
  { name: "verifier.peakMemory", what: "peak memory of a verifier of a machine with 256 MiB" },
  {
    name: "linux.mips.gcc",
    what: "Linux guest: make and gcc -O2, million instructions a second",
    others: "QEMU {baseline}",
  },
  {
    name: "linux.mips.esbuild",
    what: "Linux guest: bundling TypeScript with esbuild, million instructions a second",
    others: "QEMU {baseline}, Cartesi 133, TinyEMU 112",
  },
  { name: "linux.disputeSeconds", what: "a wrong claim about a gcc build refuted: both runs and the dispute" },
  { name: "daemons.restartSeconds", what: "start of a daemon on a contract with 10,000 past builds" },
  {
    name: "daemons.revealDelayBlocks",
    what: "from commit to reveal beyond the least age, with 100 builds and 24 wrong claims at once",
  },
  { name: "daemons.peakMemory", what: "peak memory of a daemon with 100 builds and 24 wrong claims at once" },
];

const others: readonly Row[] = [
  { name: "dispute.gasAmsterdam", what: "gas of a whole dispute under the rules of the Amsterdam fork" },
  { name: "dispute.words", what: "storage words that a whole dispute fills" },
  {
    name: "dispute.transactionsFromCheckpoint",
    what: "transactions of a dispute from a published checkpoint, 2^8 ticks apart",
  },
  { name: "build.gasAmsterdam", what: "gas of a build that nobody challenges under the rules of the Amsterdam fork" },
  { name: "build.words", what: "storage words that a build fills that nobody challenges" },
  { name: "proof.seconds", what: "making the proof of the disputed step" },
  { name: "native.startRootSeconds", what: "state root of a machine's start with an input of 64 MiB" },
  { name: "native.hashMegabytesPerSecond", what: "hashing of changed pages" },
  { name: "env.hashMegabytesPerSecond", what: "hashing of a drive of 1 GiB that comes as a stream" },
  { name: "env.buildSeconds", what: "`assay env build c` from packages that are here" },
  { name: "env.startSeconds", what: "from a machine that has been used before to a build's command" },
  ...["small", "c", "node", "python", "go", "rust"].map((name) => ({
    name: `env.${name}.megabytes`,
    what: `the environment \`${name}\` as one file`,
  })),
  { name: "native.dirtyPagesPerSecond", what: "changed pages of 4 KiB taken into the state root" },
  {
    name: "stepper.slowdown",
    what: "time of interpreted steps over native execution",
    others: "Truebit's proof of concept 600x",
  },
  { name: "stepper.rootSeconds", what: "state root after 1 M steps" },
  { name: "daemons.idleRequests", what: "RPC requests of a daemon's poll while nothing happens" },
  {
    name: "follow.commitSeconds",
    what: "from a pushed commit to its signed result, without the build itself, with a look each second",
  },
  {
    name: "explorer.eventsPerSecond",
    what: "events that the explorer's index takes in in a second, of 100,000 builds",
  },
  {
    name: "explorer.verifyRatio",
    what: "verifying a C build in the small guest in a browser's tab, over `assay build`",
  },
  { name: "explorer.serverMilliseconds", what: "the slowest question to an index of 100,000 builds, at the server" },
  {
    name: "explorer.searchMilliseconds",
    what: "the slowest question to an index of 100,000 builds, in the page: from the last key to what is drawn",
  },
  {
    name: "explorer.longestTaskMilliseconds",
    what: "the longest time for which the page stands still while 100,000 builds are searched and paged through",
  },
  { name: "explorer.firstViewKilobytes", what: "what the page loads until it shows builds, compressed" },
  {
    name: "explorer.frameMilliseconds",
    what: "a dispute of 64 rounds, drawn while they come: time of a frame, 95th percentile (60 a second: 16.7)",
  },
  { name: "follow.idleCpu", what: "watching 200 repositories in which nothing happens, git's part included" },
  {
    name: "check.seconds",
    what: "`assay check` of an artifact, two builders of three, results on a server on loopback",
  },
  { name: "store.verifyMegabytesPerSecond", what: "an image of 148 MB from a local HTTP mirror, fetched and checked" },
  { name: "cli.startMilliseconds", what: "from start to help: `assay --help`, `assay build --help`, the slower one" },
  { name: "tarball.sizeRatio", what: "size of a release tarball over that of gzip -6" },
  { name: "tarball.timeRatio", what: "native time of a release tarball over that of gzip -6" },
  { name: "linux.mips.boot", what: "Linux guest: boot and switch off", others: "QEMU {baseline}" },
  { name: "linux.mips.tcc", what: "Linux guest: compiling a C project with tcc", others: "QEMU {baseline}" },
  { name: "linux.vsQemu", what: "Linux guest: wall time over QEMU's, boot and esbuild" },
  { name: "linux.vsQemu.gcc", what: "Linux guest: wall time over QEMU's, make and gcc" },
  { name: "linux.bootInstructions", what: "Linux guest: instructions from reset to the first process" },
  { name: "linux.esbuildInstructions", what: "Linux guest: instructions of the whole esbuild build, boot included" },
  { name: "linux.overhead", what: "gcc build: run with all its state roots, over the bare emulator" },
  { name: "linux.dirtyPagesPerSecond", what: "gcc build: changed pages of 4 KiB that are hashed" },
  { name: "linux.buildSeconds", what: "gcc build: in the bare emulator" },
  { name: "linux.disputeTransactions", what: "gcc build: transactions of its dispute", others: "40-150" },
  { name: "linux.disputeGas", what: "gcc build: gas of its dispute" },
  { name: "linux.peakMemory", what: "gcc build: peak memory of a daemon" },
  { name: "linux.peakMemoryInDispute", what: "gcc build: peak memory of a daemon in the dispute" },
];

/** The tables by the file that each stands in. */
export const tables = { "README.md": first, "docs/figures.md": [...first, ...others] } as const;

/** The figures as a Markdown table, between its marks, in the order of the rows; a row without a figure is left out. */
export function figuresTable(rows: readonly Row[], figures: readonly Figure[]): string {
  const byName = new Map(figures.map((figure) => [figure.name, figure]));
  const lines = rows.flatMap(({ name, what, others = "" }) => {
    const figure = byName.get(name);
    if (figure === undefined) return [];
    const relation = figure.better === "lower" ? "≤" : "≥";
    const known = others.replace("{baseline}", figure.baseline === undefined ? "not run" : number(figure.baseline));
    const mark = meetsTarget(figure) ? "" : " (short)";
    const measured = `${number(figure.value)} ${figure.unit}`.trim();
    return [`| ${what} | \`${name}\` | ${measured}${mark} | ${relation} ${number(figure.target)} | ${known} |`];
  });
  return [begin, "| what | name | measured | target | others |", "|---|---|---|---|---|", ...lines, end].join("\n");
}

/** A page with its table replaced. */
export function withFiguresTable(page: string, rows: readonly Row[], figures: readonly Figure[]): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) return page;
  return page.slice(0, from) + figuresTable(rows, figures) + page.slice(to + end.length);
}

function number(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString("en-US", { maximumFractionDigits: 4 });
}
