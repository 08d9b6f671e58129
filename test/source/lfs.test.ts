import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decodeDrive } from "../../src/source/drive.ts";
import { lfsEndpoint } from "../../src/source/lfsPointer.ts";
import { readSource } from "../../src/source/node/readSource.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";
import { type LfsServer, lfsPointerOf, startLfsServer } from "../support/lfsServer.ts";

let folder: string;
let server: LfsServer;
let count = 0;
let repository: GitRepository;
let cacheFolder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "assay-lfs-"));
  server = await startLfsServer();
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  repository = createRepository(join(folder, `repository-${++count}`));
  cacheFolder = join(folder, `cache-${count}`);
  server.objects.clear();
  server.lies.clear();
  server.requests.length = 0;
  server.addressOf = (sha256) => `${server.address}/objects/${sha256}`;
});

const big = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 251);
const small = new TextEncoder().encode("small");
const read = (more: object = {}) => readSource(repository.path, { cacheFolder, ...more });
const contentOf = (drive: Uint8Array, path: string) =>
  Buffer.from(decodeDrive(drive).entries.find((entry) => entry.path === path)!.content);

/** Commits a pointer in the place of a content. */
function commitPointer(path: string, content: Uint8Array): string {
  const { pointer, sha256 } = lfsPointerOf(content);
  repository.write(path, pointer);
  repository.commit();
  return sha256;
}

describe("files that Git LFS keeps", () => {
  it("are taken from the repository's own objects", async () => {
    for (const [path, content] of [
      ["big", big],
      ["small", small],
    ] as const) {
      const sha256 = commitPointer(path, content);
      const place = join(repository.path, ".git/lfs/objects", sha256.slice(0, 2), sha256.slice(2, 4));
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, sha256), content);
    }
    const { drive } = await read();
    expect(contentOf(drive, "big").equals(big)).toBe(true);
    expect(contentOf(drive, "small").equals(small)).toBe(true);
    const [other] = readdirSync(join(repository.path, ".git/lfs/objects"));
    const file = readdirSync(join(repository.path, ".git/lfs/objects", other!), { recursive: true }).at(-1) as string;
    writeFileSync(
      join(repository.path, ".git/lfs/objects", other!, file),
      file.includes(lfsPointerOf(small).sha256) ? "smalL" : big.map((byte) => byte ^ 1),
    );
    await expect(read()).rejects.toMatchObject({ code: "source/lfs-object" });
  });

  it("are fetched from the server beside the repository's origin, once", async () => {
    server.objects.set(commitPointer("big", big), big);
    repository.git("remote", "add", "origin", `${server.address}/project`);
    const { drive } = await read();
    expect(contentOf(drive, "big").equals(big)).toBe(true);
    expect(server.requests[0]).toBe("POST /project.git/info/lfs/objects/batch");
    const asked = server.requests.length;
    expect((await read()).drive).toEqual(drive);
    expect(server.requests.length).toBe(asked);
    expect(readdirSync(join(cacheFolder, "lfs"))).toEqual([lfsPointerOf(big).sha256]);
  });

  it("are fetched from the server that the commit's .lfsconfig names", async () => {
    repository.write(".lfsconfig", `[lfs]\n\turl = ${server.address}/elsewhere.git/info/lfs/\n`);
    server.objects.set(commitPointer("small", small), small);
    expect(contentOf((await read()).drive, "small").equals(small)).toBe(true);
    expect(server.requests[0]).toBe("POST /elsewhere.git/info/lfs/objects/batch");
  });

  it("are refused when nobody has them", async () => {
    const sha256 = commitPointer("big", big);
    await expect(read()).rejects.toMatchObject({ code: "source/lfs-object", details: { sha256, path: "big" } });
    repository.git("remote", "add", "origin", `${server.address}/project.git`);
    await expect(read()).rejects.toMatchObject({ code: "source/lfs-object", message: expect.stringContaining("here") });
    await expect(read()).rejects.not.toMatchObject({ message: expect.stringContaining("\u001b") });
  });

  it.each([
    ["other bytes", big.map((byte) => byte ^ 1)],
    ["too few bytes", big.subarray(1)],
    ["too many bytes", new Uint8Array(big.length + 1)],
  ])("are refused when a server gives %s, and nothing is kept", async (_, lie) => {
    const sha256 = commitPointer("big", big);
    server.objects.set(sha256, big);
    server.lies.set(sha256, lie);
    repository.git("remote", "add", "origin", `${server.address}/project`);
    await expect(read()).rejects.toMatchObject({ code: "source/lfs-object", details: { sha256 } });
    expect(readdirSync(join(cacheFolder, "lfs"))).toEqual([]);
  });

  it("are not read from addresses that are no http", async () => {
    server.objects.set(commitPointer("big", big), big);
    server.addressOf = () => "file:///etc/passwd";
    repository.git("remote", "add", "origin", `${server.address}/project`);
    await expect(read()).rejects.toMatchObject({ code: "source/lfs-object" });
  });

  it("are a fault where no server answers", async () => {
    commitPointer("big", big);
    repository.git("remote", "add", "origin", "http://user:secret@127.0.0.1:1/project");
    const refusal = read();
    await expect(refusal).rejects.toMatchObject({
      code: "source/lfs-fault",
      message: expect.not.stringContaining("secret"),
    });
  });

  it("count with their own size, and pointers have to be as Git LFS writes them", async () => {
    server.objects.set(commitPointer("big", big), big);
    repository.git("remote", "add", "origin", `${server.address}/project`);
    await expect(read({ capacity: 2 ** 20 })).rejects.toMatchObject({ code: "source/too-large" });
    repository.write("odd", lfsPointerOf(small).pointer.replace("size 5", "size 05"));
    repository.commit();
    await expect(read()).rejects.toMatchObject({ code: "source/lfs-pointer", details: { path: "odd" } });
  });
});

describe("the server of a repository", () => {
  it.each([
    ["https://host/a/b", "https://host/a/b.git/info/lfs"],
    ["https://user:word@host/a/b.git/", "https://user:word@host/a/b.git/info/lfs"],
    ["http://host:8080/b", "http://host:8080/b.git/info/lfs"],
    ["ssh://git@host:22/a/b.git", "https://host/a/b.git/info/lfs"],
    ["git@host:a/b", "https://host/a/b.git/info/lfs"],
    ["/a/b", undefined],
    ["file:///a/b", undefined],
  ])("is, of %s", (address, expected) => {
    expect(lfsEndpoint(address)?.href).toBe(expected);
  });
});
