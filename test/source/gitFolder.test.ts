import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSourceImage, planSourceImage } from "../../src/source/image.ts";
import { readSource } from "../../src/source/node/readSource.ts";
import { linuxRules, type SourceTree } from "../../src/source/source.ts";
import { createRepository, type GitRepository, gitEnvironment } from "../support/gitRepository.ts";
import { lfsPointerOf } from "../support/lfsServer.ts";

let folder: string;
let environment: NodeJS.ProcessEnv;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-git-folder-"));
  // In ssh's place: runs the command that the other side would run.
  const ssh = join(folder, "ssh.sh");
  writeFileSync(ssh, '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n');
  chmodSync(ssh, 0o755);
  environment = { ...process.env, GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: "ssh", HOME: folder, XDG_CONFIG_HOME: folder };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (location: string, more: object = {}) =>
  readSource(location, {
    environment,
    cacheFolder: join(folder, "cache"),
    git: true,
    encodeDeferred: (tree, capacity) => planSourceImage(tree, linuxRules, capacity).encode(),
    ...more,
  });
const treeOf = (drive: Uint8Array) => decodeSourceImage(drive, "source", linuxRules);

/** Writes a tree to a fresh folder, as a guest would see it, and returns what runs git there. */
function checkOut({ entries, time }: SourceTree) {
  const root = mkdtempSync(join(folder, "out-"));
  for (const { path, kind, content } of entries) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    if (kind === "symlink") {
      symlinkSync(new TextDecoder().decode(content), place);
      continue;
    }
    writeFileSync(place, content);
    chmodSync(place, kind === "executable" ? 0o755 : 0o644);
    utimesSync(place, time, time);
  }
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: root, env: gitEnvironment, encoding: "utf8" }).trim();
  return { root, git };
}

function project(path: string, ...options: string[]): GitRepository {
  const repository = createRepository(path, ...options);
  repository.write("a", "first");
  repository.commit();
  repository.git("tag", "v0");
  repository.write("a", "second");
  repository.write("folder/run", "#!/bin/sh\n", 0o755);
  symlinkSync("folder/run", join(path, "link"));
  repository.commit(1_650_000_123);
  return repository;
}

describe.each([
  ["sha1", []],
  ["sha256", ["--object-format=sha256"]],
])("the folder .git of a source (%s)", (format, options) => {
  let repository: GitRepository;
  let commit: string;

  beforeAll(() => {
    repository = project(join(folder, format), ...options);
    commit = repository.git("rev-parse", "HEAD");
    repository.git("tag", "light");
    repository.git("tag", "-a", "-m", "text", "v1.0");
  });

  it("lets git describe, status and list the source", async () => {
    const { drive, description } = await read(repository.path);
    const { git, root } = checkOut(treeOf(drive));
    expect(git("describe", "--long", "--dirty")).toBe(`v1.0-0-g${commit.slice(0, 7)}`);
    expect(git("describe", "--tags", "--exact-match")).toBe("v1.0");
    expect(git("tag")).toBe("light\nv1.0");
    expect(git("status", "--porcelain")).toBe("");
    expect(git("ls-files")).toBe("a\nfolder/run\nlink");
    expect(git("log", "--format=%H %ct")).toBe(`${commit} 1650000123`);
    writeFileSync(join(root, "a"), "other!");
    expect(git("describe", "--dirty")).toBe("v1.0-dirty");
    expect(description).toMatchObject({ gitFolder: { tags: [{ name: "light", id: commit }, { name: "v1.0" }] } });
  });

  it("is the same from a clone that is packed, and from elsewhere", async () => {
    const { drive } = await read(repository.path);
    const clone = join(folder, `${format}-clone`);
    repository.git("clone", "--quiet", "--no-local", repository.path, clone);
    execFileSync("git", ["-C", clone, "gc", "--quiet"]);
    expect(Buffer.compare((await read(clone)).drive, drive)).toBe(0);
    const { drive: far } = await read(`git+ssh://host.invalid${repository.path}`);
    expect(Buffer.compare(far, drive)).toBe(0);
  });

  it("is not there unless it is asked for", async () => {
    const { drive } = await read(repository.path, { git: false });
    expect(treeOf(drive).entries.map(({ path }) => path)).toEqual(["a", "folder/run", "link"]);
  });

  it("has no history: a commit without a tag cannot be described, the first has no border", async () => {
    const paths = async (revision: string) => treeOf((await read(repository.path, { revision })).drive);
    const first = await paths("v0");
    expect(first.entries.some(({ path }) => path === ".git/shallow")).toBe(false);
    expect(checkOut(first).git("describe", "--tags")).toBe("v0");
    expect((await paths("v1.0")).entries.some(({ path }) => path === ".git/shallow")).toBe(true);
  });
});

describe("the folder .git of a source with parts from elsewhere", () => {
  it("takes files of Git LFS, and submodules, as unchanged", async () => {
    const inner = project(join(folder, "inner"));
    const outer = createRepository(join(folder, "outer"));
    const content = new TextEncoder().encode("large".repeat(1000));
    const { pointer, sha256 } = lfsPointerOf(content);
    outer.write("big", pointer);
    outer.git("config", "--file", ".gitmodules", "submodule.s.path", "s");
    outer.git("config", "--file", ".gitmodules", "submodule.s.url", "../inner");
    outer.git("add", ".");
    outer.git("update-index", "--add", "--cacheinfo", `160000,${inner.git("rev-parse", "HEAD")},s`);
    outer.git("commit", "--quiet", "--message=text");
    outer.git("tag", "v1");
    const place = join(outer.path, ".git/lfs/objects", sha256.slice(0, 2), sha256.slice(2, 4));
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, sha256), content);
    const { git } = checkOut(treeOf((await read(outer.path)).drive));
    expect(git("status", "--porcelain", "--untracked-files=no")).toBe("");
    expect(git("describe", "--tags", "--dirty")).toBe("v1");
  });

  it("is refused for a directory", async () => {
    const place = mkdtempSync(join(folder, "directory-"));
    await expect(read(place)).rejects.toMatchObject({ code: "source/no-repository" });
  });
});
