import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRepository } from "../support/gitRepository.ts";
import { startLocalRegistry } from "../support/localRegistry.ts";
import { archiveOf } from "../support/packageRegistry.ts";
import { readPlayedDocument } from "../support/playedDocument.ts";
import { integrityOf } from "../support/signedPackage.ts";
import { runAssay, runInShell } from "../support/spawned.ts";

const file = "docs/dependencies.md";
const { steps, unmarked } = readPlayedDocument(file);
const step = (what: string) => steps.find((each) => each.what === what)!.body;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-dependencies-doc-"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

it("marks every block of the document, and links to what there is", async () => {
  expect(unmarked).toEqual([]);
  const linked = [...(await readFile(file, "utf8")).matchAll(/\]\(([^)#]+)/g)].map(([, path]) => join("docs", path!));
  expect(linked.filter((target) => !existsSync(target))).toEqual([]);
});

it("locks a project's dependencies, and fetches them anew from what its commit holds", async () => {
  const archive = await archiveOf({ "package/package.json": '{"name":"a","version":"1.0.0"}' });
  await using registry = await startLocalRegistry(new Map([["/a/-/a-1.0.0.tgz", archive]]));
  const project = createRepository(join(folder, "project"));
  const own = { version: "1.0.0", integrity: integrityOf(archive) };
  const lock = { lockfileVersion: 3, packages: { "": {}, "node_modules/a": own } };
  project.write("package-lock.json", JSON.stringify(lock));
  project.commit();
  const place = (name: string) => ({ XDG_CACHE_HOME: join(folder, name), PROJECT: project.path });
  const at = (script: string) => script.replaceAll(/^assay deps .*$/gm, `$& --registry npm=${registry.url}`);

  const locked = await runInShell(at(step("lock")), { folder: project.path, environment: place("maintainer") });
  expect(locked).toMatchObject({ status: 0, stderr: "" });
  const fetched = await runInShell(`${at(step("fetch"))} --json`, { folder, environment: place("anybody") });
  expect(fetched).toMatchObject({ status: 0, stderr: "" });
  const { image } = JSON.parse(await readFile(join(project.path, "assay-deps.lock.json"), "utf8"));
  const { image: found } = JSON.parse(fetched.stdout);
  expect(found).toMatchObject(image);
  expect((await readFile(found.file)).length).toBe(image.size);

  project.write("package-lock.json", JSON.stringify({ ...lock, name: "changed" }));
  project.commit();
  const stale = await runAssay(["deps", "fetch", project.path], { folder, environment: place("anybody") });
  expect(stale).toMatchObject({ status: 2, stderr: expect.stringContaining('run "assay deps lock" again') });
});
