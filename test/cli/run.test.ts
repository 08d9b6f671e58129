import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";
import { runAssay } from "../support/spawned.ts";

let folder: string;
let project: GitRepository;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-run-"));
  project = createRepository(join(folder, "project"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));
const assay = async (...args: string[]) => await runAssay(args, { folder: project.path });

it("runs the tasks of the commit, as agents will, and says which there are", async () => {
  const nothing = await assay("run");
  expect(nothing.status).toBe(2);
  project.write(
    ".assay/tasks.yaml",
    "version: 1\ntasks:\n  release: { environment: releaseTarball }\n  again: { environment: releaseTarball }\n",
  );
  project.commit();
  const all = await assay("run", "--artifacts", folder, "--json");
  expect(all.status).toBe(0);
  const [first, second] = JSON.parse(all.stdout);
  expect([first.task, second.task]).toEqual(["release", "again"]);
  expect(second).toMatchObject({ buildId: first.buildId, artifactSha256: first.artifactSha256, exitCode: 0 });
  expect((await readFile(join(folder, "release"))).length).toBe(Number(first.artifactSize));
  const built = await assay("build", ".", "--json");
  expect(JSON.parse(built.stdout).buildId).toBe(first.buildId);
  const unknown = await assay("run", "nope");
  expect(unknown).toMatchObject({ status: 2, stderr: expect.stringContaining("there is: release, again") });
});
