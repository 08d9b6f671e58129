import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeDrive } from "../../src/source/drive.ts";
import { readSource } from "../../src/source/node/readSource.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-directory-"));
  mkdirSync(join(folder, "b/c"), { recursive: true });
  mkdirSync(join(folder, "empty"));
  writeFileSync(join(folder, "b/c/file"), "one");
  writeFileSync(join(folder, "b-c"), "two", { mode: 0o600 });
  writeFileSync(join(folder, "run"), "three", { mode: 0o777 });
  symlinkSync("b/c", join(folder, "link"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const refusal = (path = folder) => readSource(path).catch((error: unknown) => error);

describe("source of a directory", () => {
  it("holds its files and links with time 0 and reduced modes", async () => {
    const { drive, description } = await readSource(folder, { environment: {} });
    const size = drive.length;
    expect(description).toEqual({
      kind: "directory",
      location: folder,
      name: "source",
      time: 0,
      entries: 4,
      driveSize: size,
    });
    const { entries, time, name } = decodeDrive(drive);
    expect({ time, name }).toEqual({ time: 0, name: "source" });
    expect(entries.map(({ path, kind, content }) => [path, kind, new TextDecoder().decode(content)])).toEqual([
      ["b-c", "file", "two"],
      ["b/c/file", "file", "one"],
      ["link", "symlink", "b/c"],
      ["run", "executable", "three"],
    ]);
  });

  it("does not depend on modes of others, times, or the order of creation", async () => {
    const { drive } = await readSource(folder);
    const other = join(folder, "..", `${folder.split("/").at(-1)}-other`);
    try {
      mkdirSync(other);
      symlinkSync("b/c", join(other, "link"));
      writeFileSync(join(other, "run"), "three", { mode: 0o700 });
      mkdirSync(join(other, "b/c"), { recursive: true, mode: 0o700 });
      writeFileSync(join(other, "b/c/file"), "one", { mode: 0o640 });
      writeFileSync(join(other, "b-c"), "two", { mode: 0o644 });
      execFileSync("touch", ["-d", "2001-01-01", join(other, "run")]);
      expect((await readSource(other)).drive).toEqual(drive);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it("takes its time from SOURCE_DATE_EPOCH", async () => {
    const { description } = await readSource(folder, { environment: { SOURCE_DATE_EPOCH: "1234567890" } });
    expect(description.time).toBe(1_234_567_890);
    const empty = await readSource(folder, { environment: { SOURCE_DATE_EPOCH: "" } });
    expect(empty.description.time).toBe(0);
    for (const SOURCE_DATE_EPOCH of ["yesterday", "-1", " ", "99999999999"]) {
      await expect(readSource(folder, { environment: { SOURCE_DATE_EPOCH } })).rejects.toMatchObject({
        code: "source/bad-time",
      });
    }
  });

  it("is refused for a pipe, without waiting for its writer", async () => {
    execFileSync("mkfifo", [join(folder, "b/pipe")]);
    expect(await refusal()).toMatchObject({ code: "source/special-file", details: { path: "b/pipe" } });
  });

  it("is refused for a socket", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, "socket"), resolve));
    expect(await refusal()).toMatchObject({ code: "source/special-file", details: { path: "socket" } });
    server.close();
  });

  it("is refused for a device", async () => {
    expect(await refusal("/dev")).toMatchObject({ code: "source/special-file" });
  });

  it("is refused for a name that is not UTF-8", async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9])]), "");
    expect(await refusal()).toMatchObject({ code: "source/name-not-utf8" });
  });

  it("is refused for a link out of it", async () => {
    symlinkSync("../..", join(folder, "b/up"));
    expect(await refusal()).toMatchObject({
      code: "source/link-out-of-tree",
      details: { path: "b/up", target: "../.." },
    });
  });

  it("is refused for a repository inside it", async () => {
    mkdirSync(join(folder, "b/.git"));
    writeFileSync(join(folder, "b/.git/HEAD"), "");
    expect(await refusal()).toMatchObject({ code: "source/bad-path" });
  });

  it("is refused for more than the drive holds, before a sparse giant is read", async () => {
    execFileSync("truncate", ["-s", "1T", join(folder, "giant")]);
    expect(await refusal()).toMatchObject({ code: "source/too-large" });
  });

  it("is refused for what cannot be read", async () => {
    // The superuser may read everything; a directory that vanishes is unreadable for all.
    chmodSync(join(folder, "b"), 0o000);
    const asUser = process.getuid?.() !== 0;
    expect(await refusal()).toMatchObject(
      asUser ? { code: "source/unreadable-fault" } : { description: { entries: 4 } },
    );
    chmodSync(join(folder, "b"), 0o755);
  });
});
