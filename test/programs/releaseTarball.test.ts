import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstat, mkdtemp, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readProgram } from "../../src/programs/node/readProgram.ts";
import { exitCodes, releaseTarball } from "../../src/programs/releaseTarball/manifest.ts";
import { driveCapacity, encodeDrive } from "../../src/source/drive.ts";
import { readSource } from "../../src/source/node/readSource.ts";
import type { Entry } from "../../src/source/source.ts";
import { type NativeRun, readTarball, runNatively } from "../support/runNatively.ts";

const repository = new URL("../..", import.meta.url).pathname;
const text = (value: string) => new TextEncoder().encode(value);

/** Reproducible bytes that no compressor makes smaller. */
function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = 0x9e3779b9;
  for (let i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

let binary: Uint8Array;
let folder: string;

beforeAll(async () => {
  binary = await readProgram(releaseTarball);
  folder = await mkdtemp(join(tmpdir(), "assay-tarball-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function build(entries: readonly Entry[]): NativeRun {
  return runNatively(releaseTarball, binary, encodeDrive({ name: "source", time: 1_700_000_000, entries }));
}

/** Extracts with the tar and gzip of this machine, after `gzip -t`. */
async function extractWithTar(artifact: Uint8Array): Promise<string> {
  const target = await mkdtemp(join(folder, "x-"));
  const file = join(target, "artifact.tar.gz");
  await writeFile(file, artifact);
  execFileSync("gzip", ["-t", file]);
  execFileSync("tar", ["-xzf", file, "-C", target, "--no-same-owner"]);
  return target;
}

describe("release tarball", () => {
  it("is made by the binary whose hash its description states", async () => {
    expect(`0x${createHash("sha256").update(binary).digest("hex")}`).toBe(releaseTarball.sha256);
  });

  it("of this repository has the members of git archive, and their content, modes and times", async () => {
    const { drive, description } = await readSource(repository);
    const { record, artifact } = runNatively(releaseTarball, binary, drive);
    expect(record).toMatchObject({ version: 1, exitCode: exitCodes.ok, artifactSize: BigInt(artifact.length) });
    expect(record.artifactSha256).toBe(`0x${createHash("sha256").update(artifact).digest("hex")}`);
    const archive = execFileSync(
      "git",
      ["-c", "tar.umask=0022", "archive", "--format=tar", `--prefix=${description.name}/`, "HEAD"],
      { cwd: repository, maxBuffer: 2 ** 28 },
    );
    const members = async (tarball: Uint8Array) =>
      (await readTarball(tarball)).map(({ owner: _, ...member }) => member);
    expect(await members(artifact)).toEqual(await members(gzipSync(archive, { level: 1 })));
  });

  it("of this repository is no larger than gzip -6 makes it", async () => {
    const { drive } = await readSource(repository);
    const { artifact } = runNatively(releaseTarball, binary, drive);
    const gzip6 = execFileSync("gzip", ["-6", "-n"], { input: gunzipSync(artifact), maxBuffer: 2 ** 28 });
    expect(artifact.length / gzip6.length).toBeLessThanOrEqual(1);
  });

  it("is extracted by tar with long names, empty files, links and modes", async () => {
    const long = `${"directory/".repeat(40)}${"n".repeat(255)}`;
    const entries: Entry[] = [
      { path: long, kind: "file", content: text("long") },
      { path: `${"p".repeat(120)}/${"q".repeat(99)}`, kind: "file", content: text("prefix") },
      { path: "empty", kind: "file", content: text("") },
      { path: "run.sh", kind: "executable", content: text("#!/bin/sh\n") },
      { path: "link", kind: "symlink", content: text(long) },
      { path: "Ünïcode/漢字 and spaces", kind: "file", content: text("name") },
      { path: "newline\nin name", kind: "file", content: text("") },
      { path: "-rf", kind: "file", content: text("") },
      { path: "block", kind: "file", content: noise(512) },
    ];
    const target = join(await extractWithTar(build(entries).artifact), "source");
    for (const { path, kind, content } of entries) {
      const file = join(target, path);
      const stats = await lstat(file);
      expect(stats.isSymbolicLink(), path).toBe(kind === "symlink");
      if (kind === "symlink") expect(await readlink(file)).toBe(long);
      else expect(new Uint8Array(await readFile(file)), path).toEqual(content);
      if (kind !== "symlink") expect(stats.mode & 0o100, path).toBe(kind === "executable" ? 0o100 : 0);
      expect(stats.mtimeMs, path).toBe(1_700_000_000_000);
    }
    expect((await lstat(join(target, "Ünïcode"))).mtimeMs).toBe(1_700_000_000_000);
  });

  it("is the same in every run", async () => {
    const { drive } = await readSource(repository);
    const first = runNatively(releaseTarball, binary, drive);
    expect(runNatively(releaseTarball, binary, drive)).toEqual(first);
  });

  it("keeps several megabytes of text, noise and zeros, in any order", async () => {
    const sources = await readFile(join(repository, "package-lock.json"));
    const entries: Entry[] = [
      { path: "a-noise", kind: "file", content: noise(2_000_000) },
      { path: "b-text", kind: "file", content: new Uint8Array(Buffer.concat(Array(12).fill(sources))) },
      { path: "c-zeros", kind: "file", content: new Uint8Array(3_000_000) },
      { path: "d-far", kind: "file", content: new Uint8Array(Buffer.concat([noise(40_000), noise(40_000)])) },
      { path: "e-two", kind: "file", content: noise(1_000_000).map((byte) => byte & 1) },
    ];
    const members = await readTarball(build(entries).artifact);
    for (const [i, { path, content }] of entries.entries()) {
      expect(members[i + 1]!.path).toBe(`source/${path}`);
      expect(Buffer.compare(members[i + 1]!.content, content), path).toBe(0);
    }
  });

  it("stores what cannot be compressed", () => {
    const size = 3_000_000;
    const { artifact } = build([{ path: "noise", kind: "file", content: noise(size) }]);
    expect(artifact.length).toBeLessThan(size + size / 10_000 + 1024);
    expect(gunzipSync(artifact).length).toBeGreaterThan(size);
  });

  it("of an empty tree is the empty directory", async () => {
    expect((await readTarball(build([]).artifact)).map(({ path, type }) => [path, type])).toEqual([
      ["source/", "directory"],
    ]);
  });

  it("ends with its own exit code when it does not fit into the output drive", () => {
    const content = noise(driveCapacity - 64 - 8 - 8 - 8);
    const { record } = build([{ path: "a", kind: "file", content }]);
    expect(record).toMatchObject({
      version: 1,
      exitCode: exitCodes.outputFull,
      artifactSize: 0n,
      artifactSha256: `0x${"0".repeat(64)}`,
    });
  });

  it("ends with its own exit code when deep directories would make the archive endless", () => {
    const long = `${"n".repeat(250)}/`.repeat(8);
    const paths = Array.from({ length: 145 }, (_, i) => `${i}/${long}${"d/".repeat(900)}f`);
    const { record } = build(paths.map((path) => ({ path, kind: "file", content: text("") })));
    expect(record).toMatchObject({ exitCode: exitCodes.archiveTooLarge, artifactSize: 0n });
  });
});
