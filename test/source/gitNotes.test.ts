import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addToNotes, mostNoteBytes, readNote } from "../../src/source/node/gitNotes.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";

const ref = "refs/notes/assay";
let folder: string;
let project: GitRepository;
let commit: string;
let count = 0;
let settings: { environment: NodeJS.ProcessEnv; timeoutSeconds: number };
const note = async (location: string, of = commit) => {
  const bytes = await readNote(location, ref, of, settings);
  return bytes && new TextDecoder().decode(bytes);
};
const add = async (location: string, ...lines: string[]) =>
  await addToNotes(location, ref, new Map([[commit, lines]]), settings);
const remote = () => `git+ssh://git@forge.example${project.path}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-notes-test-"));
  // An ssh that runs the command here.
  const ssh = join(folder, "ssh");
  await writeFile(ssh, '#!/bin/sh\nfor command; do :; done\nexec sh -c "$command"\n');
  await chmod(ssh, 0o755);
  const environment = { ...process.env, GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: "ssh", HOME: folder };
  settings = { environment, timeoutSeconds: 60 };
});
beforeEach(() => {
  project = createRepository(join(folder, `project-${count++}`));
  project.write("README", "text");
  commit = project.commit();
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe.each<[string, () => string]>([
  ["a repository here", () => project.path],
  ["a repository elsewhere", remote],
])("notes in %s", (_, location) => {
  it("are what plain git shows, and come together from all who write them", async () => {
    expect(await note(location())).toBeUndefined();
    await add(location(), "b");
    await add(location(), "a", "b");
    expect(await note(location())).toBe("a\nb\n");
    expect(project.git("notes", "--ref=assay", "show", commit)).toBe("a\nb");
    const before = project.git("rev-parse", ref);
    await add(location(), "a");
    expect(project.git("rev-parse", ref)).toBe(before);
  });

  it("lose nothing to those who write at the same time", async () => {
    const lines = Array.from({ length: 6 }, (_, i) => `line ${i}`);
    await Promise.all(lines.map(async (line) => await add(location(), line)));
    expect(await note(location())).toBe(`${lines.join("\n")}\n`);
    expect(project.git("for-each-ref", "--format=%(refname)", "refs/notes")).toBe(ref);
  });

  it("that are too large are refused by name", async () => {
    const large = project.blob("x".repeat(mostNoteBytes + 1));
    project.git("notes", `--ref=${ref}`, "add", "-C", large, commit);
    await expect(note(location())).rejects.toMatchObject({ code: "source/too-large" });
    await expect(add(location(), "a")).rejects.toMatchObject({ code: "source/too-large" });
  });

  it("that are no text are read, and left as they are", async () => {
    project.git("notes", `--ref=${ref}`, "add", "-C", project.blob(Uint8Array.of(0xff, 0x0a)), commit);
    expect(await readNote(location(), ref, commit, settings)).toEqual(Uint8Array.of(0xff, 0x0a));
    await expect(add(location(), "a")).rejects.toMatchObject({ code: "source/bad-object" });
  });

  it("would not become larger than is read", async () => {
    await expect(add(location(), "x".repeat(mostNoteBytes))).rejects.toMatchObject({ code: "source/too-large" });
    expect(await note(location())).toBeUndefined();
  });
});

it("are merged by plain git as they are here, when two have pushed", async () => {
  const clones = ["one", "two"].map((name) => {
    const path = join(folder, `${name}-${count}`);
    project.git("clone", "-q", project.path, path);
    return { path, git: createRepository(path).git };
  });
  const [one, two] = clones as [(typeof clones)[number], (typeof clones)[number]];
  await add(one.path, "b", "d");
  await add(two.path, "a", "d");
  one.git("push", "-q", "origin", ref);
  expect(() => two.git("push", "-q", "origin", ref)).toThrow();
  two.git("fetch", "-q", "origin", `${ref}:${ref}-origin`);
  two.git("notes", `--ref=${ref}`, "merge", "-q", "--strategy=cat_sort_uniq", `${ref}-origin`);
  two.git("push", "-q", "origin", ref);
  expect(await note(project.path)).toBe("a\nb\nd\n");
});
