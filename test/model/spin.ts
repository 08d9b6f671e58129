/** Runs Spin on the models of this folder: `spin` writes a search program, gcc compiles it, it searches the states. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Configuration {
  readonly name: string;
  readonly model: "rounds" | "dispute";
  /** Macros as `-D` takes them, parted by spaces: `CLAIMS=3 ATTACKS=1`. */
  readonly defines: string;
  /** Instead of storing states: a hash of 3 bits each in a table of 2^log2Bits, in an order that the seed decides. */
  readonly bitstate?: { readonly log2Bits: number; readonly seed: number };
}

export interface SearchResult {
  /** Different states that were searched. */
  readonly states: number;
  readonly errors: number;
  /** The theorem or invariant whose assertion failed. */
  readonly violated: string | undefined;
  /** What kept the search from being exhaustive. */
  readonly incomplete: readonly string[];
}

const folder = fileURLToPath(new URL(".", import.meta.url));
const maxDepth = 2_000_000;
const memoryMegabytes = 2000;
const shortfalls = ["max search depth too small", "out of memory", "MEMLIM bound", "not completed", "Bit statespace"];

/** @returns the programs that a search needs and that are not installed */
export function missingPrograms(): string[] {
  return Object.entries({ spin: "-V", gcc: "--version" })
    .filter(([program, argument]) => spawnSync(program, [argument]).status !== 0)
    .map(([program]) => program);
}

/**
 * Searches all states of a configuration, or with `bitstate` many of them, up to the first error. `optimization` is
 * gcc's: without any, a search that soon ends is ready sooner.
 */
export async function searchStates(
  { model, defines, bitstate }: Configuration,
  optimization: "-O0" | "-O2",
): Promise<SearchResult> {
  const scratch = await mkdtemp(join(tmpdir(), "assay-model-"));
  try {
    const macros = defines.split(" ").map((define) => `-D${define}`);
    const kind = bitstate ? ["-DBITSTATE", "-DP_RAND"] : [];
    // The models have one process, in which there is no order to reduce.
    const limits = ["-DSAFETY", "-DNOFAIR", "-DNOREDUCE", `-DMEMLIM=${memoryMegabytes}`];
    const how = bitstate ? [`-w${bitstate.log2Bits}`, `-RS${bitstate.seed}`] : [];
    await run(scratch, "spin", ["-a", ...macros, join(folder, `${model}.pml`)]);
    await run(scratch, "gcc", [optimization, "-w", ...limits, ...kind, "-o", "pan", "pan.c"]);
    return read(await run(scratch, "./pan", [`-m${maxDepth}`, ...how]));
  } finally {
    await rm(scratch, { recursive: true });
  }
}

function read(output: string): SearchResult {
  const number = (pattern: RegExp) => {
    const found = pattern.exec(output)?.[1];
    if (found === undefined) throw new Error(`no ${pattern} in the output of pan:\n${output}`);
    return Number(found);
  };
  return {
    states: number(/^ *([\d.e+]+) states, stored/m),
    errors: number(/errors: (\d+)/),
    violated: /assertion violated (\w+)/.exec(output)?.[1],
    incomplete: shortfalls.filter((shortfall) => output.includes(shortfall)),
  };
}

function run(cwd: string, program: string, args: readonly string[]): Promise<string> {
  // The table of states is read at random: in large pages it takes a fifth less time.
  const env = { ...process.env, GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" };
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${program} ${args.join(" ")}: ${error.message}\n${stdout}\n${stderr}`));
    });
  });
}
