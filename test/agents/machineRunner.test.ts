import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AgentLimits, defaultLimits } from "../../src/agents/agent.ts";
import type { FinishedBuild, Runner } from "../../src/agents/builds.ts";
import { findFinishedRun, keepFinishedRun } from "../../src/agents/finishedRun.ts";
import type { Facts } from "../../src/agents/log.ts";
import { createMachineRunner } from "../../src/agents/machineRunner.ts";
import type { Root } from "../../src/core/bytes.ts";
import { buildIdOf, environmentOf } from "../../src/environment/environment.ts";
import type { RunnableEnvironment, StartContent } from "../../src/environment/runnable.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { contentIdOf } from "../../src/store/contentId.ts";
import { claimableText, countingProgram } from "../support/testSession.ts";

const kernel = await loadKeccakKernel();
const log2Arity = 4;
const drive = { address: 4096, log2Size: 12 };
const seenAddress = 64;
const silent = { info() {}, warn() {}, error() {}, debug() {} };
/** Looks at the drive in every tick, and never says so. */
const program = claimableText(countingProgram(90, "(i64.store (i32.const 72) (i64.load (i32.const 4096)))"));
const named = { name: "counting", program: { name: "counting", sha256: `0x${"00".repeat(32)}` }, drive } as const;
const environment = environmentOf(named, program, kernel);
const [input, otherInput] = [1, 2].map((byte) => new Uint8Array(100).fill(byte)) as [Uint8Array, Uint8Array];
const idOf = (of: Uint8Array): Root => buildIdOf(environment, of, kernel);

let folder: string;
let runner: Runner | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-runner-"));
});
afterEach(async () => {
  await runner?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What is different about a daemon's machine. */
interface RunnerChange {
  /** What it finds in place of the environment. */
  readonly content?: Partial<StartContent>;
  readonly sharesBeginning?: boolean;
  readonly limits?: Partial<AgentLimits>;
  readonly of?: Partial<RunnableEnvironment> & typeof environment;
  readonly onInfo?: (message: string) => void;
  readonly onWarning?: (facts: Facts, message: string) => void;
}

async function runnerOf(change: RunnerChange = {}): Promise<Runner> {
  const {
    content = {},
    sharesBeginning = false,
    limits = {},
    of = environment,
    onInfo = () => {},
    onWarning = () => {},
  } = change;
  const kind: RunnableEnvironment = {
    ...of,
    maxLog2StepsPerTick: 20,
    checkpointLevels: () => 1,
    artifactAddress: 64,
    ...(sharesBeginning && { sharedPrefix: () => ({ directory: join(folder, "shared"), drive, seenAddress }) }),
    describeExit: String,
    runsCommands: false,
    encodeInput: async () => new Uint8Array(0),
    open: async () => ({ program, drives: [], ...content }),
  };
  const log = { ...silent, info: (_: unknown, message: string) => onInfo(message), warn: onWarning };
  const settings = { log2Arity, limits: { ...defaultLimits, ...limits }, stateFolder: folder, log };
  runner = await createMachineRunner({ environments: [kind], ...settings });
  return runner;
}

async function run(on: Runner, of: Uint8Array, buildId = idOf(of)): Promise<FinishedBuild> {
  return await on.run(buildId, environment.id, async () => of, new AbortController().signal);
}

describe("a daemon's machine, before a bond depends on it,", () => {
  it("has a build from its first state to its last", async () => {
    const build = await run(await runnerOf(), input);
    expect(build).toMatchObject({ buildId: idOf(input), ticks: 90, log2Ticks: 7 });
  });

  it("reads the input again when its machine is opened again, and keeps none of it meanwhile", async () => {
    const on = await runnerOf({ limits: { openBuilds: 1 } });
    const inputs = [input, Uint8Array.of(...input, 1)];
    const reads = [0, 0];
    const [first] = await Promise.all(
      inputs.map(async (of, i) => {
        const readInput = async () => {
          reads[i]!++;
          return of.slice();
        };
        return await on.run(idOf(of), environment.id, readInput, new AbortController().signal);
      }),
    );
    const before = reads[0]!;
    const roots = await first!.trace.tickRoots([0, 90]);
    expect(roots).toEqual([idOf(input), first!.finalRoot]);
    expect(reads[0]).toBe(before + 1);
    await first!.trace.tickRoots([45]);
    expect(reads[0]).toBe(before + 1);
  });

  it("runs a build with its dependencies in their drive, and no other build than theirs", async () => {
    const place = { drive: { address: 131072, log2Size: 12 }, dependencies: { address: 135168, log2Size: 12 } };
    const seeing = claimableText(countingProgram(9, "(i64.store (i32.const 72) (i64.load (i32.const 135168)))"));
    const of = environmentOf({ ...named, ...place }, seeing, kernel);
    const on = await runnerOf({ of, content: { program: seeing } });
    const content = new Uint8Array(50).fill(7);
    const runWith = async (id: Root, bytes?: Uint8Array) =>
      await on.run(id, of.id, async () => input, new AbortController().signal, bytes && (async () => bytes));
    const build = await runWith(buildIdOf(of, input, kernel, content), content);
    expect(build.dependencies).toEqual({ id: contentIdOf(content), size: 50 });
    const without = await runWith(buildIdOf(of, input, kernel));
    expect(without.dependencies).toBeUndefined();
    expect(without.finalRoot).not.toBe(build.finalRoot);
    for (const bytes of [undefined, input]) {
      await expect(runWith(build.buildId, bytes)).rejects.toMatchObject({ code: "agents/input-mismatch" });
    }
  });

  it("runs nothing that has been aborted before it could begin", async () => {
    const controller = new AbortController();
    const content = {
      get program() {
        controller.abort();
        return program;
      },
    };
    const on = await runnerOf({ content });
    await expect(on.run(idOf(input), environment.id, async () => input, controller.signal)).rejects.toThrow(/abort/);
  });

  it("does not run again what the process before has run, and answers from its snapshots", async () => {
    const first = await run(await runnerOf(), input);
    const roots = await first.trace.tickRoots([0, 45, 90]);
    await runner!.close();
    const said: string[] = [];
    const again = await run(await runnerOf({ onInfo: (message) => said.push(message) }), input);
    expect(said).toEqual(["the process before has run this build"]);
    const { trace: _, discard: __, ...facts } = again;
    expect(facts).toEqual(Object.fromEntries(Object.entries(first).filter(([name]) => name in facts)));
    expect(await again.trace.tickRoots([0, 45, 90])).toEqual(roots);
  });

  it.each([
    ["is damaged", (text: string) => text.replace('"ticks":90', '"ticks":80')],
    ["is cut off", (text: string) => text.slice(0, 200)],
    ["is empty", () => ""],
  ])("runs again where what was kept %s", async (_, damage) => {
    await run(await runnerOf(), input);
    await runner!.close();
    const file = join(folder, "builds", idOf(input), "finished");
    await writeFile(file, damage(await readFile(file, "utf8")));
    const said: string[] = [];
    const build = await run(await runnerOf({ onInfo: (message) => said.push(message) }), input);
    expect(said).toEqual([]);
    expect(build.ticks).toBe(90);
  });

  it("refuses the input of another build", async () => {
    await expect(run(await runnerOf(), otherInput, idOf(input))).rejects.toMatchObject({
      code: "agents/input-mismatch",
    });
  });

  it("refuses images that are not what the environment was made of", async () => {
    const drives = [{ address: 8192, log2Size: 12, bytes: new Uint8Array([1]) }];
    await expect(run(await runnerOf({ content: { drives } }), input)).rejects.toMatchObject({
      code: "agents/bad-environment",
    });
  });

  it("notices an engine that does something else than the interpreter", async () => {
    const { binary } = claimableText(countingProgram(90, "(i64.store (i32.const 72) (i64.load (i32.const 4104)))"));
    const shifted = Uint8Array.from({ length: 100 }, (_, i) => i);
    await expect(run(await runnerOf({ content: { program: { ...program, binary } } }), shifted)).rejects.toMatchObject({
      code: "native/engine-disagrees",
    });
  });

  it("notices that a build was begun at another one's states", async () => {
    const sharing = await runnerOf({ sharesBeginning: true });
    await run(sharing, input);
    await expect(run(sharing, otherInput)).rejects.toMatchObject({ code: "native/engine-disagrees" });
  });
});

describe("a build that takes longer than the operator allows", () => {
  const tooLong = { code: "agents/too-long" };

  it("is refused beyond the ticks, also where the process before has run it, and run with just as many", async () => {
    await expect(run(await runnerOf({ limits: { maxTicks: 89 } }), input)).rejects.toMatchObject(tooLong);
    await runner!.close();
    expect(await run(await runnerOf({ limits: { maxTicks: 90 } }), input)).toMatchObject({ ticks: 90 });
    await runner!.close();
    await expect(run(await runnerOf({ limits: { maxTicks: 89 } }), input)).rejects.toMatchObject(tooLong);
    expect(await run(await runnerOf({ limits: { maxTicks: 90 } }), input)).toMatchObject({ ticks: 90 });
  });

  it("is ended when its seconds are over", async () => {
    const text = '(module (memory (export "memory") 4 4) (func (export "tick") (result i32) (i32.const 0)))';
    const content = { program: claimableText(text) };
    const endless = environmentOf(named, content.program, kernel);
    const on = await runnerOf({ content, of: endless, limits: { maxBuildSeconds: 0.1, maxTicks: 2 ** 40 } });
    const end = on.run(buildIdOf(endless, input, kernel), endless.id, async () => input, new AbortController().signal);
    await expect(end).rejects.toMatchObject(tooLong);
  });
});

describe("what a build prints", () => {
  it("is missing aloud in a log that does not have the one byte of it", async () => {
    const content = { program: claimableText(countingProgram(90, "(i64.store (i32.const 2048) (i64.const 1))")) };
    const console = { countAddress: 2048, address: 2056, size: 8 };
    const printing = { ...environmentOf(named, content.program, kernel), console };
    const buildId = buildIdOf(printing, input, kernel);
    // Where the log would be.
    await mkdir(join(folder, "builds", buildId, "console.log"), { recursive: true });
    const warnings: [number, string][] = [];
    const onWarning = ({ unwritten = 0 }: Facts, message: string) => warnings.push([Number(unwritten), message]);
    const on = await runnerOf({ content, of: printing, onWarning });
    await on.run(buildId, printing.id, async () => input, new AbortController().signal);
    expect(warnings).toEqual([
      [0, "the console's log cannot be written: the build goes on without it"],
      [1, "the console's log does not hold all that the build has printed"],
    ]);
  });
});

describe("a run's checkpoints", () => {
  it.each([
    ["are all kept up to 4095", 12, 12, 0],
    ["are thinned beyond, to every sixteenth", 13, 9, 4],
  ])("%s", async (_, log2Ticks, log2Kept, log2CheckpointTicks) => {
    await run(await runnerOf(), input);
    await runner!.close();
    // As a process before would have kept a longer run.
    const file = join(folder, "builds", idOf(input), "finished");
    const name = `${idOf(input)} ${environment.id} ${log2Arity}`;
    const { run: short, ...rest } = (await findFinishedRun(file, name))!;
    const rootAfter = (tick: number): Root => `0x${tick.toString(16).padStart(64, "0")}`;
    const checkpoints = Array.from({ length: 2 ** log2Ticks - 1 }, (_, i) => rootAfter(i + 1));
    await keepFinishedRun(file, name, { ...rest, run: { ...short, log2Ticks, log2CheckpointTicks: 0, checkpoints } });
    const build = await run(await runnerOf(), input);
    expect(build.log2CheckpointTicks).toBe(log2CheckpointTicks);
    expect(build.checkpoints).toEqual(
      Array.from({ length: 2 ** log2Kept - 1 }, (_, i) => rootAfter((i + 1) * 2 ** log2CheckpointTicks)),
    );
  });
});
