/**
 * `npm run demo:linux [-- <source> --env <name> --run <command> --out <path> [--rev ...] [--set ...] [--ticks ...]
 * [--keep <file>]]`: without arguments the build of `sample/`; with arguments any other one in a guest.
 */
import { copyFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { type BuildOptions, withBuildOptions } from "../../src/cli/buildOptions.ts";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { command, type Demo, playDemo } from "../../src/demo/demo.ts";
import { remark } from "../../src/demo/screen.ts";
import { readManifest } from "../../src/guest/node/environmentCache.ts";
import { layoutOf } from "../../src/guest/startMemory.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { sourceHelp } from "../../src/source/sourceHelp.ts";
import { sampleDemo } from "./sample.ts";

interface Options extends BuildOptions {
  readonly keep?: string;
}

const parsed = withBuildOptions(new Command("demo:linux"))
  .argument("[source]", sourceHelp)
  .option("--keep <file>", "keep the artifact")
  .parse();
const [location] = parsed.args;
await playDemo(location === undefined ? sampleDemo() : await demoOf(location, parsed.opts<Options>()));

/** A demo of somebody's own build; what is wrong is a bit of memory that nobody has chosen with care. */
async function demoOf(location: string, options: Options): Promise<Demo> {
  const folder = process.env.ASSAY_DEMO_FOLDER ?? ".";
  const source = /^git\+/.test(location) ? location : resolve(folder, location);
  const { ram } = layoutOf(await readManifest(cacheFolder(), options.env, await loadKeccakKernel()));
  const build = [source, ...argumentsOf(options)];
  return {
    build,
    environments: [options.env],
    artifact: { name: "an artifact", file: "artifact" },
    wrong: "one bit of the guest's memory flipped in the middle of the run",
    async fault({ ticks }) {
      const tick = Math.floor(ticks / 2);
      const looked = await command(["trace", ...build, "--at", `${tick}:1`], ".");
      const step = Math.max(1, Math.floor(Number(looked.steps) * 0.6));
      return { kind: `memory/${ram.address + ram.size / 2}`, tick, step };
    },
    async inspect(artifact) {
      if (options.keep === undefined) return;
      await copyFile(artifact, resolve(folder, options.keep));
      remark(`the artifact is kept as ${options.keep}`);
    },
  };
}

function argumentsOf({ rev, env, run, out, reports, user, set, ticks }: Options): string[] {
  const given = { rev, env, run, user, ticks: ticks?.toString() };
  return [
    ...out.flatMap((path) => ["--out", path]),
    ...reports.flatMap((pattern) => ["--reports", pattern]),
    ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value])),
    ...Object.entries(set).flatMap(([name, value]) => ["--set", `${name}=${value}`]),
  ];
}
