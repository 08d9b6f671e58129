import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { readSource } from "../../src/source/node/readSource.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";

let folder: string;
let repo: GitRepository;
let first: string;
let second: string;
let cacheFolder: string;
let environment: NodeJS.ProcessEnv;
let url: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-fetch-"));
  repo = createRepository(join(folder, "remote"));
  repo.write("a", "1");
  first = repo.commit();
  repo.git("tag", "v1");
  repo.write("a", "2");
  second = repo.commit();
  // In ssh's place: runs the command that the other side would run.
  const ssh = join(folder, "ssh.sh");
  writeFileSync(ssh, '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n');
  chmodSync(ssh, 0o755);
  environment = { ...process.env, GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: "ssh", HOME: folder, XDG_CONFIG_HOME: folder };
  url = `git+ssh://git@host.invalid${repo.path}`;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
beforeEach(() => {
  cacheFolder = join(folder, `cache-${count++}`);
});

const read = (location: string, more: { revision?: string; timeoutSeconds?: number; signal?: AbortSignal } = {}) =>
  readSource(location, { cacheFolder, environment, ...more });

describe("source of a remote repository", () => {
  it("is the same as that of the repository itself", async () => {
    const { drive, description } = await read(url);
    expect(drive).toEqual((await readSource(repo.path)).drive);
    expect(description).toMatchObject({ location: url, revision: "HEAD", commit: second });
  });

  it("is found by branch, tag, full and abbreviated id and expression", async () => {
    for (const revision of ["v1", first, first.slice(0, 12), "HEAD~1", "main~1"]) {
      expect((await read(`${url}#${revision}`)).description, revision).toMatchObject({ commit: first, revision });
    }
    expect((await read(url, { revision: "main" })).description).toMatchObject({ commit: second });
  });

  it("needs no network for a commit that is in the cache, and asks again for a name", async () => {
    await read(`${url}#${first}`);
    const offline = { ...environment, GIT_SSH_COMMAND: "false" };
    const again = await readSource(`${url}#${first}`, { cacheFolder, environment: offline });
    expect(again.description).toMatchObject({ commit: first });
    await expect(readSource(`${url}#main`, { cacheFolder, environment: offline })).rejects.toMatchObject({
      code: "source/git-fault",
    });
  });

  it("may be fetched several times at once, and leaves nothing half-done", async () => {
    const sources = await Promise.all([read(url), read(url), read(url)]);
    for (const { drive } of sources) expect(drive).toEqual(sources[0]!.drive);
    expect(readdirSync(cacheFolder)).toHaveLength(1);
  });

  it("cleans up what a killed fetch left behind a day ago", async () => {
    for (const name of ["fetching-old", "fetching-new"]) mkdirSync(join(cacheFolder, name), { recursive: true });
    utimesSync(join(cacheFolder, "fetching-old"), 1_000_000, 1_000_000);
    await read(url);
    expect(readdirSync(cacheFolder).filter((name) => name.startsWith("fetching"))).toEqual(["fetching-new"]);
  });

  it("is refused when the revision or the repository does not exist, and leaves nothing behind", async () => {
    await expect(read(url, { revision: "v9" })).rejects.toMatchObject({ code: "source/unknown-revision" });
    await expect(read(`${url}-not`)).rejects.toMatchObject({ code: "source/git-fault" });
    expect(readdirSync(cacheFolder)).toEqual([]);
  });

  it("is refused, without its password, when nobody answers", async () => {
    const error = await read("git+https://user:secret@127.0.0.1:1/repository.git").catch((reason: unknown) => reason);
    expect(isAssayError(error, "source/git-fault")).toBe(true);
    expect(String((error as Error).message)).not.toContain("secret");
    expect(JSON.stringify((error as { details: unknown }).details)).not.toContain("secret");
  });
});

describe("a remote repository of the format SHA-256", () => {
  let modern: GitRepository;
  let commit: string;
  beforeAll(() => {
    modern = createRepository(join(folder, "modern"), "--object-format=sha256");
    modern.write("a", "1");
    commit = modern.commit();
    modern.git("tag", "-a", "-m", "text", "v1");
    modern.write("a", "2");
    modern.commit();
  });

  it("is found by every kind of name", async () => {
    const location = `git+ssh://git@host.invalid${modern.path}`;
    for (const revision of ["v1", commit, commit.slice(0, 12), commit.slice(0, 40), "HEAD~1", "main~1"]) {
      expect((await read(location, { revision })).description, revision).toMatchObject({ commit });
    }
    expect((await read(location)).drive).toEqual((await readSource(modern.path)).drive);
    expect(readdirSync(cacheFolder)).toHaveLength(2);
    await expect(read(location, { revision: "v9" })).rejects.toMatchObject({ code: "source/unknown-revision" });
  });

  it("is not what an id of that format names in another repository", async () => {
    await expect(read(url, { revision: commit })).rejects.toMatchObject({ code: "source/unknown-revision" });
    expect(readdirSync(cacheFolder)).toEqual([]);
  });
});

describe("a cache that cannot be written", () => {
  it("is named, at once", async () => {
    writeFileSync(join(folder, "file"), "");
    for (const place of ["/proc/assay", join(folder, "file"), join(folder, "file/x")]) {
      await expect(readSource(url, { cacheFolder: place, environment }), place).rejects.toMatchObject({
        code: "source/cache-fault",
        message: expect.stringContaining("XDG_CACHE_HOME"),
      });
    }
  });
});

describe("a remote that does not answer", () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((socket) => void socket.on("error", () => {}));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => void server.close());
  const stalled = () => `git+https://127.0.0.1:${(server.address() as AddressInfo).port}/repository.git`;

  it("is given up after the time limit", async () => {
    await expect(read(stalled(), { timeoutSeconds: 0.3 })).rejects.toMatchObject({ code: "source/git-timeout-fault" });
    expect(readdirSync(cacheFolder)).toEqual([]);
  });

  it("is given up when the caller gives up", async () => {
    const controller = new AbortController();
    server.once("connection", () => controller.abort(new Error("enough")));
    await expect(read(stalled(), { signal: controller.signal })).rejects.toThrowError("enough");
  });
});

describe("location", () => {
  it("is refused for other schemes, options in place of hosts, and bad escapes", async () => {
    for (const location of [
      "https://example.org/a.git",
      "git+http://example.org/a.git",
      "git+ext://sh -c true",
      "ext::sh",
      "git://example.org/a.git",
      "git+ssh://-oProxyCommand=true/a",
      "git+ssh://-oProxyCommand=true@host/a",
      "git+ssh://%2doProxyCommand=true@host/a",
      "git+file://host/path",
      "git+file:///%ff",
      "git+https://",
      "",
      "a\0b",
    ]) {
      await expect(read(location), location).rejects.toMatchObject({
        code: location === "ext::sh" ? "source/not-found" : "source/bad-location",
      });
    }
  });

  it("is refused when its fragment is no revision, or another one than the one given", async () => {
    await expect(read(`${url}#--upload-pack=true`)).rejects.toMatchObject({ code: "source/bad-revision" });
    await expect(read(`${url}#v1`, { revision: "v2" })).rejects.toMatchObject({ code: "source/bad-revision" });
  });
});
