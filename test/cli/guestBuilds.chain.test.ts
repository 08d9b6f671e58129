import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultLimits } from "../../src/agents/agent.ts";
import type { Root } from "../../src/core/bytes.ts";
import { imageFile, manifestFile } from "../../src/guest/node/environmentCache.ts";
import { AgentWorld, type RunningDaemon } from "../support/agentWorld.ts";
import { type GuestCache, guestOf, makeGuestCache } from "../support/guestCache.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";
import { runAssay } from "../support/spawned.ts";

const limits = { ...defaultLimits, parallelChallenges: 1 };
const patience = 400;

describe.runIf(pinnedImageFiles())("assay, as a user runs it with a guest", () => {
  let folder: string;
  let cache: GuestCache;
  let world: AgentWorld;
  let source: string;
  let config: string;
  let artifact: string;
  let buildId: Root;
  let solver: RunningDaemon;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-guest-"));
    cache = await makeGuestCache(folder);
    process.env.XDG_CACHE_HOME = cache.xdgCacheHome;
    world = await AgentWorld.start({ environments: [guestOf(cache)], blockMilliseconds: 500 });
    source = join(folder, "source");
    artifact = join(folder, "hello");
    config = join(folder, "assay.yaml");
    await mkdir(source);
    await writeFile(join(source, "hello.c"), '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n');
    await writeFile(config, world.configuration("cli", undefined, "parallelChallenges: 1"));
  });
  afterAll(async () => {
    await world?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const guest = ["--env", "small", "--ticks", "200"];
  const compile = [...guest, "--run", "tcc -o hello hello.c && ./hello", "--out", "hello"];
  const fail = [...guest, "--run", "echo no >&2; exit 7", "--out", "hello"];
  const assay = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    await runAssay(args, { folder, environment });
  const json = async (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const { stdout, status, stderr } = await assay([...args, "--json"], environment);
    return { status, stderr, data: stdout === "" ? undefined : JSON.parse(stdout) };
  };
  const claimed = async (id: Root) =>
    await world.until(
      "a claim",
      ({ ledger }) => [...ledger.history.claims.values()].find(({ fields }) => fields.buildId === id),
      patience,
    );
  const final = async (id: Root) => {
    await world.skip(2000);
    await world.until("finality", ({ ledger }) => ledger.history.builds.get(id)?.finalClaim, patience);
  };

  it("builds an artifact, shows what the guest prints, and says what became of it", async () => {
    const { status, stderr, data } = await json(["build", source, ...compile, "--artifact", artifact]);
    expect(data).toMatchObject({ exitCode: 0, environment: { name: "small", id: cache.manifest.id } });
    expect({ status, shown: stderr.includes("hello\n") || stderr.includes("hello\r\n") }).toEqual({
      status: 0,
      shown: true,
    });
    expect((await readFile(artifact)).subarray(0, 4).toString()).toBe("\x7fELF");
    buildId = data.buildId;
  });

  it("shows the build id as the state root of tick 0, and a step within a tick", async () => {
    const start = await json(["trace", source, ...compile, "--at", "0"]);
    expect(start.data.root).toBe(buildId);
    const { data } = await json(["trace", source, ...compile, "--at", "20:1000"]);
    expect(data).toMatchObject({ tick: 20, step: 1000 });
    expect(data.steps).toBeGreaterThan(2 ** 20);
    expect(data.code).not.toHaveLength(0);
  });

  it("names the first step at which a trace with a fault parts", async () => {
    const { data } = await json(["trace", source, ...compile, "--fault", "memory@20:777"]);
    expect(data.parting).toEqual({ tick: 20, step: 776 });
  });

  it("requests a build and says that nothing is final yet", async () => {
    const key = (await world.wallet()).privateKey;
    const args = ["request", source, ...compile, "--reward", "0.02", "--config", config];
    expect(await json(args, { ASSAY_KEY: key })).toMatchObject({ status: 0, data: { buildId } });
    expect((await assay(["result", source, ...compile, "--config", config])).status).toBe(3);
  });

  it("runs a solver and a verifier once, which agree", async () => {
    solver = await world.solver([], { limits });
    await claimed(buildId);
    const { privateKey } = await world.wallet();
    const { status, stdout } = await assay(["verifier", "--once", "--config", config], { ASSAY_KEY: privateKey });
    expect(stdout).toContain("claim is right");
    expect(status).toBe(0);
  });

  it("says that it cannot check a claim in an environment that is not allowed: status 9", async () => {
    const text = await readFile(config, "utf8");
    const other = join(folder, "other.yaml");
    await writeFile(
      other,
      text.replace("environments: [small]", "environments: [releaseTarball]").replace(/state-cli/, "state-other"),
    );
    const { privateKey } = await world.wallet();
    const { status, stdout } = await assay(["verifier", "--once", "--config", other], { ASSAY_KEY: privateKey });
    expect(stdout).toContain("cannot check this claim");
    expect(stdout).toContain(`the environment small (${cache.manifest.id}) is not on the list of allowed environments`);
    expect(status).toBe(9);
  });

  it("compares an artifact with the final one: status 0, and 5 for another", async () => {
    await final(buildId);
    const right = await json(["result", source, ...compile, "--artifact", artifact, "--config", config]);
    expect(right).toMatchObject({ status: 0, data: { status: "final", verdict: "final and matching" } });
    const wrong = await assay(["result", source, ...compile, "--artifact", config, "--config", config]);
    expect(wrong.status).toBe(5);
  });

  it("says how a command failed: status 8", async () => {
    const key = (await world.wallet()).privateKey;
    const { data } = await json(["request", source, ...fail, "--reward", "0.02", "--config", config], {
      ASSAY_KEY: key,
    });
    await claimed(data.buildId);
    await final(data.buildId);
    const { status, stdout } = await assay(["result", source, ...fail, "--config", config]);
    expect(stdout).toContain("halted with exit code 7 (the command failed with exit code 7)");
    expect(status).toBe(8);
    await solver.stop();
  });

  describe("with an environment that is not what it says", () => {
    /** A copy of the cache with something changed. */
    async function changed(name: string, change: (copy: string) => Promise<void>): Promise<Record<string, string>> {
      const xdgCacheHome = join(folder, name);
      const copy = join(xdgCacheHome, "assay");
      for (const each of ["images", "environments"]) {
        await cp(join(cache.folder, each), join(copy, each), { recursive: true, dereference: true });
      }
      await change(copy);
      return { XDG_CACHE_HOME: xdgCacheHome };
    }

    it.each([
      [
        "whose image is damaged",
        async (copy: string) => await truncate(imageFile(copy, cache.manifest.images.root.sha256), 4096),
        "has 4096 bytes, not",
        "guest/bad-image",
      ],
      [
        "that was made with another emulator",
        async (copy: string) => {
          const file = manifestFile(copy, "small");
          const text = await readFile(file, "utf8");
          await writeFile(file, text.replace(cache.manifest.program.sha256, `0x${"12".repeat(32)}`));
        },
        'the environment "small" was made with another emulator',
        "guest/other-environment",
      ],
    ])("%s builds nothing and claims nothing", async (name, change, message, code) => {
      const environment = await changed(name, change);
      const built = await assay(["build", source, ...compile], environment);
      expect(built.status).toBe(5);
      expect(built.stderr).toContain(message);
      expect(built.stderr).toContain(code);
      const requested = [...compile, "--set", `CASE=${name}`];
      const key = (await world.wallet()).privateKey;
      const { data } = await json(["request", source, ...requested, "--reward", "0.02", "--config", config], {
        ASSAY_KEY: key,
      });
      const { stdout } = await assay(["solver", "--once", "--config", config], { ...environment, ASSAY_KEY: key });
      expect(stdout).toContain("cannot run this build");
      expect(stdout).toContain(code);
      await world.ledger.refresh();
      const { claims, commitments } = world.ledger.history;
      expect([...claims.values()].filter(({ fields }) => fields.buildId === data.buildId)).toEqual([]);
      expect([...commitments.values()].filter(({ solver }) => solver === data.requester)).toEqual([]);
    });
  });
});
