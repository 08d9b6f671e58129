import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/core/bytes.ts";
import { rootInDrive } from "../../src/dependencies/imageRoot.ts";
import { type DependencyLock, formatDependencyLock, parseDependencyLock } from "../../src/dependencies/lock.ts";
import { fetchDependencies, lockDependencies } from "../../src/dependencies/node/assemble.ts";
import { driveRoot } from "../../src/machine/drivePath.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { extractErofs, hasErofsTools } from "../support/erofsTools.ts";
import { type RegistryAnswer, startLocalRegistry } from "../support/localRegistry.ts";
import { archiveOf } from "../support/packageRegistry.ts";
import { integrityOf } from "../support/signedPackage.ts";

const hasher = await loadKeccakKernel();
const archive = await archiveOf({ "package/package.json": '{"name":"a","version":"1.0.0"}' });
const path = "/a/-/a-1.0.0.tgz";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-dependencies-"));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

function npmLock(entry: object = {}): Map<string, Uint8Array> {
  const own = { version: "1.0.0", integrity: integrityOf(archive), ...entry };
  const lock = { lockfileVersion: 3, packages: { "": {}, "node_modules/a": own } };
  return new Map([["package-lock.json", new TextEncoder().encode(JSON.stringify(lock))]]);
}

function placesIn(name: string, registry: string | undefined) {
  const own = join(folder, name);
  return {
    folder: own,
    hasher,
    store: directoryStore(own),
    registries: registry === undefined ? {} : { npm: registry },
  };
}

/** Locks the project against a registry that gives this answer. */
async function locked(answer: RegistryAnswer, locks = npmLock()) {
  await using registry = await startLocalRegistry(new Map([[path, answer]]));
  const { lock, file } = await lockDependencies(locks, placesIn("first", registry.url));
  return { lock, image: await readFile(file) };
}

describe("a dependency image", () => {
  it("has the same bytes when it is assembled anew, elsewhere, with nothing but its lock", async () => {
    const { lock, image } = await locked(archive);
    const text = formatDependencyLock(lock);
    expect(text).not.toContain("127.0.0.1");
    const read = parseDependencyLock(text, "lock");
    expect(read).toEqual(lock);
    await using other = await startLocalRegistry(new Map([[path, archive]]));
    const again = await fetchDependencies(read, npmLock(), placesIn("second", other.url));
    expect(again.image).toEqual(lock.image);
    expect((await readFile(again.file)).equals(image)).toBe(true);
  });

  it("is assembled without a registry from what a store has kept", async () => {
    const { lock } = await locked(archive);
    const again = await fetchDependencies(lock, npmLock(), {
      ...placesIn("second", "http://127.0.0.1:9"),
      store: directoryStore(join(folder, "first")),
    });
    expect(again.image).toEqual(lock.image);
  });

  it("has the root that its drive has, whatever the drive's size", async () => {
    const { lock, image } = await locked(archive);
    for (const log2Size of [16, 20, 26]) {
      expect(rootInDrive(lock.image, log2Size, hasher)).toBe(toHex(driveRoot(hasher, log2Size, image)));
    }
  });

  it.runIf(hasErofsTools)("is one that Linux reads", async () => {
    const { image } = await locked(archive);
    const shown = extractErofs(image);
    expect(shown.filter(({ kind }) => kind === "file").map(({ path }) => path)).toContain("deps/environment");
    const content = shown.find(({ content }) => content === archive.toString("hex"));
    expect(content).toMatchObject({ mode: 0o644, owner: "0:0", time: 315_532_800 });
  });
});

describe("a registry", () => {
  it.each<[string, RegistryAnswer, string, RegExp]>([
    ["has another content", "other bytes", "dependencies/other-content", /it is sha512:.*should be sha512:/],
    ["does not have it", (response) => response.writeHead(404).end(), "dependencies/not-found", /does not have it/],
    ["fails", (response) => response.writeHead(500).end(), "dependencies/unreachable-fault", /status 500/],
    [
      "sends more than anybody holds in memory",
      (response) => response.writeHead(200, { "content-length": 2 ** 32 }).flushHeaders(),
      "dependencies/unreachable-fault",
      /sends more than 536870912 bytes/,
    ],
    [
      "breaks off",
      (response) => {
        response.writeHead(200, { "content-length": archive.length }).write(archive.subarray(0, 10));
        response.destroy();
      },
      "dependencies/unreachable-fault",
      /127\.0\.0\.1.*(broke off|cannot be reached)/,
    ],
    [
      "sends it encoded",
      (response) => response.writeHead(200, { "content-encoding": "gzip" }).end(archive),
      "dependencies/unreachable-fault",
      /encoded content/,
    ],
    [
      "leads to another server",
      (response) => response.writeHead(302, { location: "http://localhost:9/" }).end(),
      "dependencies/unreachable-fault",
      /another server without https/,
    ],
  ])("that %s is refused", async (_, answer, code, why) => {
    // Only this registry knows it.
    const refusal = locked(answer, npmLock({ resolved: "https://registry.npmjs.org/a/-/a-1.0.0.tgz" }));
    await expect(refusal).rejects.toMatchObject({ code, message: expect.stringMatching(why) });
  });

  it("is not asked where a lock names it, and the user does not", async () => {
    await using hidden = await startLocalRegistry(new Map([[path, archive]]));
    const refusal = locked(archive, npmLock({ resolved: `${hidden.url}${path}` }));
    await expect(refusal).rejects.toMatchObject({ code: "dependencies/bad-address" });
    expect(hidden.asked).toEqual([]);
  });

  it("is asked by an address without the password that a lock has", async () => {
    const { lock } = await locked(
      archive,
      npmLock({ resolved: "https://user:secret@registry.npmjs.org/a/-/a-1.0.0.tgz" }),
    );
    expect(lock.entries[0]!.urls).toEqual(["https://registry.npmjs.org/a/-/a-1.0.0.tgz"]);
  });
});

describe("a lock of dependencies that lies", () => {
  const other = "00".repeat(32);
  it.each<[string, (lock: DependencyLock) => object, string]>([
    [
      "about a content's sha256",
      ({ entries: [entry] }) => ({ entries: [{ ...entry, sha256: other }] }),
      "dependencies/other-content",
    ],
    [
      "about a content's size",
      ({ entries: [entry] }) => ({ entries: [{ ...entry, size: 1 }] }),
      "dependencies/other-content",
    ],
    [
      "about a content's name",
      ({ entries: [entry] }) => ({ entries: [{ ...entry, name: "b" }] }),
      "dependencies/stale-lock",
    ],
    [
      "about what the project pins",
      ({ entries: [entry] }) => ({ entries: [{ ...entry, pinned: `sha256:${other}` }] }),
      "dependencies/stale-lock",
    ],
    ["by leaving something out", () => ({ entries: [] }), "dependencies/stale-lock"],
    [
      "by bringing something along",
      ({ entries }) => ({ entries: [...entries, { ...entries[0]!, version: "2.0.0" }] }),
      "dependencies/stale-lock",
    ],
    [
      "about the project's lock",
      () => ({ locks: [{ path: "package-lock.json", sha256: other }] }),
      "dependencies/stale-lock",
    ],
    ["about the image's sha256", ({ image }) => ({ image: { ...image, sha256: other } }), "dependencies/other-image"],
    [
      "about the image's root",
      ({ image }) => ({ image: { ...image, root: `0x${other}` } }),
      "dependencies/other-image",
    ],
  ])("%s is refused", async (_, change, code) => {
    const { lock } = await locked(archive);
    await using registry = await startLocalRegistry(new Map([[path, archive]]));
    const changed = parseDependencyLock(JSON.stringify({ ...lock, ...change(lock) }), "lock");
    const refusal = fetchDependencies(changed, npmLock(), placesIn("second", registry.url));
    await expect(refusal).rejects.toMatchObject({ code });
  });

  it.each([
    ["is no JSON", "{", /not JSON/],
    ["is of another version", '{"kind":"assay-dependencies","version":2}', /version/],
  ])("is refused where it %s", (_, text, why) => {
    expect(() => parseDependencyLock(text, "lock")).toThrow(why);
  });

  it.each([
    ["an address with a password", { urls: ["https://user:secret@example.org/a"] }, /without credentials/],
    ["an address of a file", { urls: ["file:///etc/passwd"] }, /not an http/],
    ["a file's name that is a path", { file: "../a" }, /not a file's name/],
    ["a size beyond what is held in memory", { size: 2 ** 30 }, /size/],
  ])("is refused where it has %s", async (_, change, why) => {
    const { lock } = await locked(archive);
    const text = JSON.stringify({ ...lock, entries: [{ ...lock.entries[0], ...change }] });
    expect(() => parseDependencyLock(text, "lock")).toThrow(why);
  });
});
