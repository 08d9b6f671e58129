import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeDrive } from "../../src/source/drive.ts";
import { placeOfSubmodule, type SubmoduleBase } from "../../src/source/gitmodules.ts";
import { readSource } from "../../src/source/node/readSource.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";
import { refusalCode } from "../support/refusalCode.ts";

let folder: string;
let inner: GitRepository;
let middle: GitRepository;
let outer: GitRepository;
let environment: NodeJS.ProcessEnv;
let innerCommit: string;

/** Puts a submodule into a repository without git's own cloning. */
function addSubmodule(repository: GitRepository, path: string, url: string, commit: string, name = path): void {
  repository.git("config", "--file", ".gitmodules", `submodule.${name}.path`, path);
  repository.git("config", "--file", ".gitmodules", `submodule.${name}.url`, url);
  repository.git("add", ".gitmodules");
  repository.git("update-index", "--add", "--cacheinfo", `160000,${commit},${path}`);
}

function commitIndex(repository: GitRepository): string {
  repository.git("commit", "--quiet", "--no-gpg-sign", "--message=text");
  return repository.git("rev-parse", "HEAD");
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-submodules-"));
  inner = createRepository(join(folder, "inner"));
  inner.write("file", "inner");
  innerCommit = inner.commit();
  inner.write("file", "later");
  inner.commit();
  middle = createRepository(join(folder, "middle"));
  middle.write("m", "middle");
  middle.git("add", "m");
  addSubmodule(middle, "deep/inner", "../inner", innerCommit);
  const middleCommit = commitIndex(middle);
  outer = createRepository(join(folder, "outer"));
  outer.write("o", "outer");
  outer.git("add", "o");
  addSubmodule(outer, "vendor/middle", "../middle", middleCommit, "the middle");
  commitIndex(outer);
  // In ssh's place: runs the command that the other side would run.
  const ssh = join(folder, "ssh.sh");
  writeFileSync(ssh, '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n');
  chmodSync(ssh, 0o755);
  environment = { ...process.env, GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: "ssh", HOME: folder, XDG_CONFIG_HOME: folder };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (location: string, more: object = {}) =>
  readSource(location, { cacheFolder: join(folder, "cache"), environment, ...more });
const pathsOf = (drive: Uint8Array) => decodeDrive(drive).entries.map(({ path }) => path);

describe("submodules of a source", () => {
  const all = [".gitmodules", "o", "vendor/middle/.gitmodules", "vendor/middle/deep/inner/file", "vendor/middle/m"];

  it("are read at their commits, nested ones too, from the folders beside a local repository", async () => {
    const { drive, description } = await read(outer.path);
    expect(pathsOf(drive)).toEqual(all);
    const content = decodeDrive(drive).entries.find(({ path }) => path.endsWith("inner/file"))!.content;
    expect(new TextDecoder().decode(content)).toBe("inner");
    expect(description).toMatchObject({
      submodules: [
        { path: "vendor/middle", location: middle.path },
        { path: "vendor/middle/deep/inner", location: inner.path, commit: innerCommit },
      ],
    });
  });

  it("are the same when all of them are fetched, and come from the cache the next time", async () => {
    const { drive } = await read(`git+ssh://git@host.invalid${outer.path}`);
    expect(drive).toEqual((await read(outer.path)).drive);
    const commit = outer.git("rev-parse", "HEAD");
    const offline = { environment: { ...environment, GIT_SSH_COMMAND: "false" } };
    expect((await read(`git+ssh://git@host.invalid${outer.path}#${commit}`, offline)).drive).toEqual(drive);
  });

  it("are taken from the repository's own copies where their origin is gone", async () => {
    const clone = join(folder, "clone");
    outer.git("-c", "protocol.file.allow=always", "clone", "--quiet", "--recurse-submodules", outer.path, clone);
    const { drive } = await read(outer.path);
    for (const each of ["inner", "middle"]) renameSync(join(folder, each), join(folder, `${each}-gone`));
    try {
      expect((await read(clone)).drive).toEqual(drive);
      await expect(read(outer.path)).rejects.toMatchObject({ code: "source/unknown-revision" });
    } finally {
      for (const each of ["inner", "middle"]) renameSync(join(folder, `${each}-gone`), join(folder, each));
    }
  });

  it("are refused where that is asked for, and where their commit is not to be had", async () => {
    await expect(read(outer.path, { submodules: false })).rejects.toMatchObject({
      code: "source/submodule",
      details: { path: "vendor/middle" },
    });
    const wrong = createRepository(join(folder, "wrong"));
    addSubmodule(wrong, "x", "../inner", "1".repeat(40));
    commitIndex(wrong);
    await expect(read(wrong.path)).rejects.toMatchObject({ code: "source/unknown-revision" });
  });

  it("are refused in too many levels", async () => {
    let [url, commit] = ["../inner", innerCommit];
    for (let level = 0; level < 10; level++) {
      const next = createRepository(join(folder, `level${level}`));
      addSubmodule(next, "s", url, commit);
      [url, commit] = [`../level${level}`, commitIndex(next)];
    }
    await expect(read(join(folder, "level7"))).resolves.toBeDefined();
    await expect(read(join(folder, "level9"))).rejects.toMatchObject({ code: "source/submodule" });
  });

  it.each([
    ["a name that climbs", ["submodule.../../x.path=s", "submodule.../../x.url=../inner"]],
    [
      "two that claim one path",
      ["submodule.a.path=s", "submodule.a.url=../inner", "submodule.b.path=s", "submodule.b.url=../x"],
    ],
    ["a path like an option", ["submodule.a.path=-s", "submodule.a.url=../inner"]],
  ])("are refused with %s", async (_, settings) => {
    const repository = createRepository(mkdtempSync(join(folder, "hostile-")));
    for (const setting of settings) {
      const at = setting.indexOf("=");
      repository.git("config", "--file", ".gitmodules", "--add", setting.slice(0, at), setting.slice(at + 1));
    }
    repository.git("add", ".gitmodules");
    repository.git("update-index", "--add", "--cacheinfo", `160000,${innerCommit},s`);
    commitIndex(repository);
    await expect(read(repository.path)).rejects.toMatchObject({ code: "source/bad-submodule" });
  });

  it("do not lead from a repository elsewhere to files of this machine", async () => {
    const repository = createRepository(join(folder, "reaching"));
    addSubmodule(repository, "s", inner.path, innerCommit);
    commitIndex(repository);
    await expect(read(repository.path)).resolves.toBeDefined();
    await expect(read(`git+ssh://host.invalid${repository.path}`)).rejects.toMatchObject({
      code: "source/bad-submodule",
    });
  });
});

describe("the place that a submodule's URL names", () => {
  const remote = (address: string): SubmoduleBase => ({ address, isLocal: false });
  const local: SubmoduleBase = { address: "/a/outer", isLocal: true };
  const place = (url: string, base: SubmoduleBase) => placeOfSubmodule({ name: "s", path: "s", url }, base);

  it.each<[string, SubmoduleBase, object]>([
    ["https://host/x.git", local, { transport: "https", address: "https://host/x.git" }],
    ["http://host/x.git", local, { transport: "http", address: "http://host/x.git" }],
    ["git@host:a/b", local, { transport: "ssh", address: "git@host:a/b" }],
    ["../b.git", remote("https://host/a/x.git"), { transport: "https", address: "https://host/a/b.git" }],
    ["../../c/b", remote("https://host/a/x/"), { transport: "https", address: "https://host/c/b" }],
    ["./b", remote("ssh://git@host/x"), { transport: "ssh", address: "ssh://git@host/x/b" }],
    ["../b", remote("git@host:a/x.git"), { transport: "ssh", address: "git@host:a/b" }],
    ["../b", local, { transport: "file", address: "/a/b" }],
    ["file:///x/y", local, { transport: "file", address: "/x/y" }],
  ])("is, for %s", (url, base, expected) => {
    expect(place(url, base)).toEqual(expected);
  });

  it.each<[string, SubmoduleBase]>([
    ["ext::sh -c x", local],
    ["ext::sh", remote("https://host/x")],
    ["-uhttps://host", local],
    ["--upload-pack=x", local],
    ["file:///etc", remote("https://host/x")],
    ["/etc", remote("https://host/x")],
    ["../../../evil/x", remote("https://host/a/x")],
    ["..", remote("https://host/x")],
    ["https://-oProxy/x", local],
    ["ssh://-oProxyCommand=x/y", local],
    ["ssh://%2doProxy@host/y", local],
    ["-oProxy@host:x", local],
    ["host:-x", local],
    ["https://host/%0a", local],
    ["https://host/a\nb", local],
    ["git://host/x", local],
    ["fd::17", local],
    ["../x", { address: undefined, isLocal: false }],
    ["../x", remote("ext::sh -c x/y")],
    ["x", local],
    ["", local],
  ])("is none for %s", (url, base) => {
    expect(refusalCode(() => place(url, base))).toBe("source/bad-submodule");
  });
});
