import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/agents/agent.ts";
import { Builds, type FinishedBuild, type Runner } from "../../src/agents/builds.ts";
import { type BuildPublication, publish } from "../../src/client/publication.ts";
import type { Root } from "../../src/core/bytes.ts";
import { AssayError } from "../../src/core/errors.ts";
import { type ContentId, contentIdOf } from "../../src/store/contentId.ts";
import { memoryStore } from "../../src/store/store.ts";

const silent = { info() {}, warn() {}, error() {}, debug() {} };
const environmentId: Root = `0x${"ab".repeat(32)}`;
const buildId: Root = `0x${"01".repeat(32)}`;

function world(change: Partial<Runner> = {}) {
  const store = memoryStore();
  const runs: Root[] = [];
  const discarded: Root[] = [];
  const runner: Runner = {
    allows: (given) => given === environmentId,
    inputCapacity: () => 2 ** 26,
    async run(id) {
      runs.push(id);
      return { buildId: id, discard: async () => void discarded.push(id) } as unknown as FinishedBuild;
    },
    async close() {},
    ...change,
  };
  const builds = new Builds(store, runner, defaultLimits, silent, new AbortController().signal);
  return { store, runs, builds, discarded };
}

function publication(input: Uint8Array, change: Partial<BuildPublication> = {}): BuildPublication {
  return {
    kind: "assay-build",
    version: 1,
    environment: { name: "test", id: environmentId },
    input: { id: contentIdOf(input), size: input.length },
    ...change,
  };
}

const input = new Uint8Array([1, 2, 3]);
const missing: ContentId = `sha256:${"0".repeat(64)}`;

describe("the builds of a daemon", () => {
  it("run once, whatever number of times they are wanted", async () => {
    const { store, runs, builds } = world();
    await store.put(input);
    const locator = await publish(store, publication(input));
    expect(builds.want(buildId, [locator])).toEqual({ kind: "pending" });
    expect(builds.want(buildId, [locator])).toEqual({ kind: "pending" });
    await builds.close();
    expect(builds.want(buildId, [locator]).kind).toBe("ready");
    expect(runs).toEqual([buildId]);
  });

  it("are obtained from the first locator that leads to them", async () => {
    const { store, builds } = world();
    await store.put(input);
    const locator = await publish(store, publication(input));
    builds.want(buildId, ["http://nowhere", missing, locator]);
    await builds.close();
    expect(builds.ready(buildId)?.buildId).toBe(buildId);
  });

  it("are run with the dependencies that are published beside the input", async () => {
    const content = Uint8Array.of(4, 5);
    const read: (Uint8Array | undefined)[] = [];
    const { store, builds } = world({
      async run(id, _environment, readInput, _signal, readDependencies) {
        read.push(await readInput(), await readDependencies?.());
        return { buildId: id } as unknown as FinishedBuild;
      },
    });
    await store.put(input);
    await store.put(content);
    const dependencies = { id: contentIdOf(content), size: 2 };
    builds.want(buildId, [await publish(store, publication(input, { dependencies }))]);
    await builds.close();
    expect(read).toEqual([input, content]);
  });

  it.each([
    [
      "an environment that is not allowed",
      { environment: { name: "other", id: `0x${"cd".repeat(32)}` as Root } },
      "agents/unknown-environment",
    ],
    ["an input that is larger than the drive", { input: { id: missing, size: 2 ** 26 + 1 } }, "agents/too-large"],
    ["an input that nobody has", { input: { id: missing, size: 3 } }, "store/missing"],
    ["dependencies above the limit", { dependencies: { id: missing, size: 2 ** 30 + 1 } }, "agents/too-large"],
  ])("do not run with %s: attack 15, claims nobody can check", async (_, change, code) => {
    const { store, runs, builds } = world();
    const locator = await publish(store, publication(input, change));
    builds.want(buildId, [locator]);
    await builds.close();
    expect(builds.want(buildId, [locator])).toMatchObject({ kind: "failed", code });
    expect(runs).toEqual([]);
  });

  it("are tried again when another locator turns up", async () => {
    const { store, builds } = world();
    const locator = await publish(store, publication(input));
    builds.want(buildId, []);
    await builds.close();
    expect(builds.want(buildId, [])).toMatchObject({ kind: "failed", code: "agents/no-locator" });
    await store.put(input);
    builds.want(buildId, [locator]);
    await builds.close();
    expect(builds.ready(buildId)).toBeDefined();
  });

  it("are not run again and again when they cannot be run", async () => {
    let attempts = 0;
    const { store, builds } = world({
      async run() {
        attempts++;
        throw new AssayError("agents/input-mismatch", "another build's input", {
          expected: buildId,
          given: `0x${"9".repeat(64)}`,
        });
      },
    });
    await store.put(input);
    const locator = await publish(store, publication(input));
    for (let i = 0; i < 5; i++) {
      builds.want(buildId, [locator]);
      await builds.close();
    }
    expect(attempts).toBe(1);
  });

  it("are discarded when nobody needs them any more, and run again when somebody does", async () => {
    const { store, runs, builds, discarded } = world();
    await store.put(input);
    const locator = await publish(store, publication(input));
    builds.want(buildId, [locator]);
    await builds.close();
    await builds.keepOnly(new Set([buildId]));
    expect(discarded).toEqual([]);
    await builds.keepOnly(new Set());
    expect(discarded).toEqual([buildId]);
    expect(builds.want(buildId, [locator])).toEqual({ kind: "pending" });
    await builds.close();
    expect(runs.length).toBe(2);
  });
});
