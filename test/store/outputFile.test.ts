import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { checkOutputFile, writeOutputFile } from "../../src/store/node/outputFile.ts";

const top = mkdtempSync(join(tmpdir(), "assay-output-"));
let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(top, String(count++));
  mkdirSync(folder);
});
afterAll(() => rmSync(top, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

async function* pieces() {
  yield Buffer.from("n");
  yield Buffer.from("ew");
}

describe.each([
  ["bytes", () => Buffer.from("new")],
  ["text", () => "new"],
  ["a stream", pieces],
])("writing %s to", (_, content) => {
  it("a new file makes it, and its folder", async () => {
    await writeOutputFile(at("a/b"), content());
    expect(readFileSync(at("a/b"), "utf8")).toBe("new");
  });

  it("a file replaces it whole, and keeps its mode", async () => {
    writeFileSync(at("file"), "old content");
    for (const mode of [0o600, 0o640, 0o755, 0o666]) {
      chmodSync(at("file"), mode);
      const { ino } = statSync(at("file"));
      await writeOutputFile(at("file"), content());
      expect(statSync(at("file")).mode & 0o777).toBe(mode);
      expect(statSync(at("file")).ino).not.toBe(ino);
      expect(readFileSync(at("file"), "utf8")).toBe("new");
    }
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it("a link writes where it leads, also when nothing is there yet", async () => {
    mkdirSync(at("other"));
    writeFileSync(at("other/real"), "old");
    chmodSync(at("other/real"), 0o640);
    symlinkSync("other/real", at("link"));
    symlinkSync("link", at("second"));
    symlinkSync("other/none", at("dangling"));
    for (const name of ["second", "dangling"]) await writeOutputFile(at(name), content());
    expect(["link", "second", "dangling"].map((name) => readlinkSync(at(name)))).toEqual([
      "other/real",
      "link",
      "other/none",
    ]);
    expect(statSync(at("other/real")).mode & 0o777).toBe(0o640);
    for (const name of ["real", "none"]) expect(readFileSync(at(`other/${name}`), "utf8")).toBe("new");
    expect(readdirSync(at("other")).sort()).toEqual(["none", "real"]);
  });

  it("a pipe, or a link to one, writes into it", async () => {
    execFileSync("mkfifo", [at("fifo")]);
    symlinkSync("fifo", at("link"));
    for (const name of ["fifo", "link"]) {
      // Read from the beginning: what a child has said and nobody reads is dropped when it exits.
      const said = text(spawn("cat", [at("fifo")]).stdout);
      await writeOutputFile(at(name), content());
      expect(await said).toBe("new");
    }
    expect(lstatSync(at("fifo")).isFIFO()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["fifo", "link"]);
  });

  // Root alone can make a device of its own, and a fault here must not be able to replace that of the system.
  it.skipIf(process.getuid?.() !== 0)("a device leaves it a device", async () => {
    execFileSync("mknod", [at("null"), "c", "1", "3"]);
    execFileSync("mknod", [at("full"), "c", "1", "7"]);
    symlinkSync("null", at("link"));
    for (const name of ["null", "link"]) await writeOutputFile(at(name), content());
    await expect(writeOutputFile(at("full"), content())).rejects.toMatchObject({ code: "store/full-fault" });
    for (const name of ["null", "full"]) expect(lstatSync(at(name)).isCharacterDevice()).toBe(true);
    expect(readlinkSync(at("link"))).toBe("null");
    expect(readdirSync(folder).sort()).toEqual(["full", "link", "null"]);
  });
});

describe("a target that cannot be", () => {
  it("is refused, before anything is written and when asked before", async () => {
    mkdirSync(at("folder"));
    symlinkSync("b", at("a"));
    symlinkSync("a", at("b"));
    writeFileSync(at("file"), "");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at("socket"), resolve));
    for (const name of ["folder", "a", "file/x", "socket", "new/"]) {
      const refusal = { code: "store/bad-target" };
      await expect(checkOutputFile(`${folder}/${name}`), name).rejects.toMatchObject(refusal);
      await expect(writeOutputFile(`${folder}/${name}`, "new"), name).rejects.toMatchObject(refusal);
    }
    await expect(checkOutputFile("")).rejects.toMatchObject({ code: "store/bad-target" });
    await new Promise((resolve) => server.close(resolve));
    expect(readdirSync(folder).sort()).toEqual(["a", "b", "file", "folder"]);
  });

  it("is fine when nothing is there yet, and asking makes nothing", async () => {
    await checkOutputFile(at("new/file"));
    expect(readdirSync(folder)).toEqual([]);
  });
});
