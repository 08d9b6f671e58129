import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Project, readMeasurements, readProjects } from "../../scripts/environments/projects.ts";
import { runProject } from "../../scripts/environments/runProject.ts";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { manifestFile } from "../../src/guest/node/environmentCache.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

/** `npm run test:environments` runs the others too. */
const mostInstructions = 10e9;
const logs = fileURLToPath(new URL("../../build/projects/", import.meta.url));

const measured = await readMeasurements();
const emulator = await readFile(new URL("../../build/wasm/emulator.wasm", import.meta.url));
const program = `0x${createHash("sha256").update(emulator).digest("hex")}`;
const quick: Project[] = [];
for (const project of await readProjects()) {
  const known = measured[project.name];
  if (known !== undefined && known.instructions < mostInstructions && (await isHere(project.environment)))
    quick.push(project);
}

/** Whether the environment is in the cache, for the emulator as it is built here. */
async function isHere(environment: string): Promise<boolean> {
  const text = await readFile(manifestFile(cacheFolder(), environment), "utf8").catch(() => undefined);
  return text !== undefined && JSON.parse(text).program.sha256 === program;
}

/** Two of them, as the seed has it. */
const random = new Random(seed);
const chosen = quick
  .map((project) => ({ project, rank: random.below(2 ** 30) }))
  .sort((a, b) => a.rank - b.rank)
  .slice(0, 2)
  .map(({ project }) => project);

describe.runIf(chosen.length > 0)("real projects", () => {
  it.each(chosen.map((project) => [project.name, project] as const))(
    "%s comes out in a guest as it was measured",
    async (name, project) => {
      const { exitCode, artifactSha256 } = await runProject(project, logs);
      // How many instructions it takes is the environment's matter, which changes with its id.
      const { exitCode: wanted, artifactSha256: known } = measured[name]!;
      expect({ exitCode, artifactSha256 }).toEqual({ exitCode: wanted, artifactSha256: known });
    },
  );
});
