import { execFileSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nosyDescription, nosyFiles, writeNosySource } from "../support/determinism/nosyBuild.ts";
import { type Host, spawnTrace } from "../support/determinism/spawnTrace.ts";
import type { BuildTrace, RunPlan } from "../support/determinism/tracedBuild.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";
import { linkSmallEnvironment } from "../support/smallEnvironment.ts";
import { runAssay } from "../support/spawned.ts";
import { sha256Of } from "../support/toyEnvironment.ts";

const timeout = 900_000;

function isInstalled(command: string): boolean {
  try {
    execFileSync("which", [command], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Starts what is behind it with files that nobody else may read. */
const withUmask = ["sh", "-c", 'umask 077; exec "$@"', "sh"];

const elsewhere: Host = {
  wrapper: withUmask,
  environment: {
    TZ: "Pacific/Kiritimati",
    LC_ALL: "tr_TR.UTF-8",
    LANG: "de_DE.UTF-8",
    HOME: "/nonexistent",
    USER: "somebody",
    SOURCE_DATE_EPOCH: "1",
    TEXT: "another variable",
  },
};

describe.runIf(pinnedImageFiles())("a build in a guest is the same on another host", () => {
  let folder: string;
  let source: string;
  /** The same source elsewhere: made in another order, at other times, read by its owner only. */
  let otherSource: string;
  let boots: string;
  let reference: BuildTrace;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-host-"));
    source = join(folder, "source");
    boots = join(folder, "boots");
    await writeNosySource(source);
    otherSource = join(folder, "with a space", "é");
    await writeNosySource(otherSource, Object.keys(nosyFiles).reverse());
    for (const [i, path] of Object.keys(nosyFiles).entries()) {
      await chmod(join(otherSource, path), 0o600);
      await utimes(join(otherSource, path), 1e9 + i, 2e9 - i);
    }
    await utimes(join(otherSource, "some"), 1, 1);
    // Leaves the state that the others begin at; their ticks before it are run all the same, to compare them.
    reference = (await spawnTrace({ source, boots, log2CheckpointTicks: 0 })).trace;
  }, timeout);
  afterAll(() => rm(folder, { recursive: true }));

  const same = async (plan: Partial<RunPlan>, host: Host) => {
    const { trace } = await spawnTrace({ source, boots, ...plan }, host);
    expect(trace).toEqual(reference);
  };

  it(
    "with other locale, time zone, umask, variables, working directory, and place and times of the source",
    () => same({ source: otherSource, log2CheckpointTicks: 2 }, { ...elsewhere, folder: otherSource }),
    timeout,
  );

  it.runIf(isInstalled("faketime"))(
    "in another year",
    () => same({ log2CheckpointTicks: 3 }, { wrapper: ["faketime", "2038-01-20 03:14:08"] }),
    timeout,
  );

  // Each look at any clock is three seconds after the last one; the run's own checkpoints follow that clock.
  it.runIf(isInstalled("faketime"))(
    "under a clock that jumps",
    () => same({ checkpointSeconds: 2 }, { wrapper: ["faketime", "-f", "@2001-01-01 00:00:00 i3"] }),
    timeout,
  );

  // WebAssembly's memory is none of the heap's, and its reservations forbid a limit of the process's addresses; so this is
  // a heap that is mostly full of something else, next to the least that snapshots can do with.
  it.runIf(isInstalled("taskset"))(
    "on one processor, with hardly any room in the heap and for snapshots",
    () =>
      same(
        { log2CheckpointTicks: 4, chainBytes: 2 ** 20, sideBytes: 0 },
        { wrapper: ["taskset", "-c", "0"], nodeOptions: ["--max-old-space-size=96"], ballastObjects: 1_500_000 },
      ),
    timeout,
  );

  it(
    "from the command line, here and elsewhere: id, final root and artifact",
    async () => {
      const artifact = join(folder, "artifact");
      const ask = async (from: string, cwd: string, environment: Readonly<Record<string, string>>) => {
        const cache = join(cwd, "cache");
        await linkSmallEnvironment(join(cache, "assay"));
        const variables = Object.entries(nosyDescription.variables).flatMap(([name, text]) => [
          "--set",
          `${name}=${text}`,
        ]);
        const { status, stdout, stderr } = await runAssay(
          [
            ...["build", from, "--env", "small", "--run", nosyDescription.command, "--out", ...nosyDescription.outputs],
            ...["--ticks", String(nosyDescription.tickLimit), ...variables, "--artifact", artifact, "--json"],
          ],
          { folder: cwd, environment: { ...environment, XDG_CACHE_HOME: cache } },
        );
        expect(stderr.replaceAll("\r\n", "\n")).toBe(reference.console);
        expect(status).toBe(0);
        const { buildId, finalRoot, artifactSha256, ticks } = JSON.parse(stdout) as Record<string, unknown>;
        expect(sha256Of(await readFile(artifact))).toBe(artifactSha256);
        return { buildId, finalRoot, artifactSha256, ticks };
      };
      const time = { SOURCE_DATE_EPOCH: String(nosyDescription.sourceDateEpoch) };
      const [here, there] = [join(folder, "here"), join(folder, "there")];
      for (const place of [here, there]) await mkdir(place);
      const { buildId, artifactSha256, roots } = reference;
      const expected = { buildId, artifactSha256, finalRoot: roots.at(-1), ticks: roots.length - 1 };
      expect(await ask(source, here, time)).toEqual(expected);
      await cp(otherSource, join(there, "copy"), { recursive: true });
      expect(await ask("copy", there, { ...elsewhere.environment, ...time })).toEqual(expected);
    },
    timeout,
  );
});
