import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/agents/agent.ts";
import type { FinishedBuild, Runner } from "../../src/agents/builds.ts";
import { createMachineRunner } from "../../src/agents/machineRunner.ts";
import type { Root } from "../../src/core/bytes.ts";
import { buildIdOf, environmentOf } from "../../src/environment/environment.ts";
import type { RunnableEnvironment, StartContent } from "../../src/environment/runnable.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { claimableText, countingProgram } from "../support/testSession.ts";

const kernel = await loadKeccakKernel();
const drive = { address: 4096, log2Size: 12 };
const seenAddress = 64;
const silent = { info() {}, warn() {}, error() {}, debug() {} };
/** Looks at the drive in every tick, and never says so. */
const program = claimableText(countingProgram(90, "(i64.store (i32.const 72) (i64.load (i32.const 4096)))"));
const environment = environmentOf(
  { name: "counting", program: { name: "counting", sha256: `0x${"00".repeat(32)}` }, drive },
  program,
  kernel,
);
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

/** A daemon's machine. @param content what it finds in place of the environment. */
async function runnerOf(
  content: Partial<StartContent> = {},
  sharesBeginning = false,
  onInfo: (message: string) => void = () => {},
): Promise<Runner> {
  const kind: RunnableEnvironment = {
    ...environment,
    maxLog2StepsPerTick: 20,
    checkpointLevels: () => 1,
    artifactAddress: 64,
    ...(sharesBeginning && { sharedPrefix: () => ({ directory: join(folder, "shared"), drive, seenAddress }) }),
    describeExit: String,
    runsCommands: false,
    encodeInput: () => new Uint8Array(0),
    open: async () => ({ program, drives: [], ...content }),
  };
  const log = { ...silent, info: (_: unknown, message: string) => onInfo(message) };
  const settings = { log2Arity: 4, limits: defaultLimits, stateFolder: folder, log };
  runner = await createMachineRunner({ environments: [kind], ...settings });
  return runner;
}

async function run(on: Runner, of: Uint8Array, buildId = idOf(of)): Promise<FinishedBuild> {
  return await on.run(buildId, environment.id, of, new AbortController().signal);
}

describe("a daemon's machine, before a bond depends on it,", () => {
  it("has a build from its first state to its last", async () => {
    const build = await run(await runnerOf(), input);
    expect(build).toMatchObject({ buildId: idOf(input), ticks: 90, log2Ticks: 7 });
  });

  it("runs nothing that has been aborted before it could begin", async () => {
    const controller = new AbortController();
    const on = await runnerOf({
      get program() {
        controller.abort();
        return program;
      },
    });
    await expect(on.run(idOf(input), environment.id, input, controller.signal)).rejects.toThrow(/abort/);
  });

  it("does not run again what the process before has run, and answers from its snapshots", async () => {
    const first = await run(await runnerOf(), input);
    const roots = await first.trace.tickRoots([0, 45, 90]);
    await runner!.close();
    const said: string[] = [];
    const again = await run(await runnerOf({}, false, (message) => said.push(message)), input);
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
    const build = await run(await runnerOf({}, false, (message) => said.push(message)), input);
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
    await expect(run(await runnerOf({ drives }), input)).rejects.toMatchObject({ code: "agents/bad-environment" });
  });

  it("notices an engine that does something else than the interpreter", async () => {
    const { binary } = claimableText(countingProgram(90, "(i64.store (i32.const 72) (i64.load (i32.const 4104)))"));
    const shifted = Uint8Array.from({ length: 100 }, (_, i) => i);
    await expect(run(await runnerOf({ program: { ...program, binary } }), shifted)).rejects.toMatchObject({
      code: "native/engine-disagrees",
    });
  });

  it("notices that a build was begun at another one's states", async () => {
    const sharing = await runnerOf({}, true);
    await run(sharing, input);
    await expect(run(sharing, otherInput)).rejects.toMatchObject({ code: "native/engine-disagrees" });
  });
});
