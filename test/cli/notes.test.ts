import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";
import { writeSigningKey } from "../support/signingKeyFile.ts";
import { runAssay } from "../support/spawned.ts";

let folder: string;
let project: GitRepository;
const keys: Record<string, string> = {};
const assay = async (...args: string[]) => await runAssay(args, { folder, environment: { ASSAY_PASSWORD: "secret" } });
const json = async (...args: string[]) => {
  const { stdout, stderr, status } = await assay(...args, "--json");
  return { status, stderr, data: stdout === "" ? undefined : JSON.parse(stdout) };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-notes-cli-"));
  project = createRepository(join(folder, "project"));
  project.write("README", "text");
  project.write(".assay/tasks.yaml", "version: 1\ntasks: { release: { environment: releaseTarball } }\n");
  project.commit();
  for (const name of ["alice", "bob"]) {
    keys[name] = await writeSigningKey(join(folder, `${name}.json`));
    await assay("run", "--source", "project", "--key", `${name}.json`, "--bundle", `${name}.jsonl`);
  }
  const require = "{ builders: { least: 2, of: [alice, bob] } }";
  await writeFile(join(folder, "policy.yaml"), `version: 1\nkeys: ${JSON.stringify(keys)}\nrequire: ${require}\n`);
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("signed results as git notes", () => {
  it("travel with the repository by plain git, and are what a client decides by", async () => {
    expect((await json("check", "project")).status).toBe(3);
    const added = await json("notes", "add", "alice.jsonl", "--repository", "project");
    expect(added).toMatchObject({ status: 0, data: { added: 1, leftOut: 0 } });
    expect(await json("check", "project")).toMatchObject({ status: 3, data: { answers: [{ misses: ["bob"] }] } });

    const clone = join(folder, "clone");
    project.git("clone", "-q", project.path, clone);
    await assay("notes", "add", "bob.jsonl", "--repository", `git+file://${project.path}`);
    expect((await json("check", "project")).status).toBe(0);
    expect((await json("check", "clone")).status).toBe(3);
    createRepository(clone).git("fetch", "-q", "origin", "refs/notes/assay:refs/notes/assay");
    const { status, data } = await json("check", "clone", "--offline");
    expect([status, data.answers[0].agree]).toEqual([0, ["alice", "bob"]]);
    const shown = await json("notes", "show", "main", "--repository", "clone", "--bundle", "shown.jsonl");
    expect(shown.data.results.map(({ keyHints }: { keyHints: string[] }) => keyHints[0]).sort()).toEqual(
      Object.values(keys).sort(),
    );
    expect((await json("attest", "verify", "shown.jsonl", "--key", keys.bob!)).data.found).toHaveLength(1);
  });

  it("stay usable beside lines that are none, and are a fault where they are no text", async () => {
    const before = project.git("notes", "--ref=assay", "show", "HEAD");
    const put = (content: string | Uint8Array) =>
      project.git("notes", "--ref=assay", "add", "-f", "-C", project.blob(content), "HEAD");
    put(`junk\n${before}\n{"payload":"AAAA"}\n`);
    expect(await json("check", "project")).toMatchObject({ status: 0, data: { faults: [] } });
    expect((await json("notes", "show", "--repository", "project")).data.unknownLines).toBe(2);
    await assay("notes", "add", "alice.jsonl", "--repository", "project");
    expect(project.git("notes", "--ref=assay", "show", "HEAD")).toContain("junk");
    put(Uint8Array.of(0xff, 0xfe, 0x0a));
    const broken = await json("check", "project");
    expect(broken.status).toBe(6);
    expect(broken.data.faults).toMatchObject([
      { who: "refs/notes/assay of project", why: expect.stringContaining("is not UTF-8") },
    ]);
  });

  it("leave out what is about no commit", async () => {
    await writeFile(join(folder, "junk.jsonl"), "junk\n");
    const junk = await json("notes", "add", "junk.jsonl", "--repository", "project");
    expect(junk.data).toEqual({ added: 0, leftOut: 1 });
    expect((await json("notes", "add", "nothing.jsonl")).status).toBe(2);
    expect((await json("notes", "show", "--repository", "alice.jsonl")).status).toBe(2);
  });
});
