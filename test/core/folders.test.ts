import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { makeFolder } from "../../src/core/node/makeFolder.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-folders-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the user's cache folder", () => {
  it.each([
    [{ XDG_CACHE_HOME: "/c", HOME: "/h" }, "/c/assay"],
    [{ XDG_CACHE_HOME: "", HOME: "/h" }, "/h/.cache/assay"],
    [{ XDG_CACHE_HOME: "rel", HOME: "/h" }, "/h/.cache/assay"],
    [{ XDG_CACHE_HOME: "./rel" }, join(homedir(), ".cache/assay")],
    [{ HOME: "" }, join(homedir(), ".cache/assay")],
    [{ HOME: "rel" }, join(homedir(), ".cache/assay")],
    [{}, join(homedir(), ".cache/assay")],
  ])("for %j is %s", (environment, expected) => {
    expect(cacheFolder(environment)).toBe(expected);
  });
});

describe("making a folder", () => {
  it("makes those above it too, and none that is there", () => {
    makeFolder(join(folder, "a/b/c"), 0o700);
    expect(statSync(join(folder, "a/b/c")).mode & 0o777).toBe(0o700);
    makeFolder(join(folder, "a/b/c"));
    makeFolder(join(folder, "a/b/c/../d/./e"));
    expect(existsSync(join(folder, "a/b/d/e"))).toBe(true);
  });

  it("goes through links", () => {
    mkdirSync(join(folder, "real"));
    symlinkSync("real", join(folder, "link"));
    makeFolder(join(folder, "link"));
    makeFolder(join(folder, "link/x/y"));
    expect(existsSync(join(folder, "real/x/y"))).toBe(true);
  });

  it("fails where there is a file, a link to nothing, or no folder can be made", () => {
    writeFileSync(join(folder, "file"), "");
    symlinkSync("nothing", join(folder, "dangling"));
    expect(() => makeFolder(join(folder, "file"))).toThrow("EEXIST");
    expect(() => makeFolder(join(folder, "file/a/b"))).toThrow("ENOTDIR");
    expect(() => makeFolder(join(folder, "dangling/a"))).toThrow("EEXIST");
    // Node's own recursive mkdir never returns here.
    if (existsSync("/proc/self")) expect(() => makeFolder("/proc/assay/sources")).toThrow("ENOENT");
  });
});
