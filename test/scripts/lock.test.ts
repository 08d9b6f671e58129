import { spawn } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../scripts/lock.sh", import.meta.url));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "assay-lock-"));
  await mkdir(join(root, "build"));
  await writeFile(join(root, "count"), "0");
});
afterEach(() => rm(root, { recursive: true }));

/** Runs a command under the lock; adding one to a file in two steps is what two at once would spoil. */
function locked(
  command = 'n=$(cat "$root/count"); sleep 0.05; echo $((n + 1)) >"$root/count"',
): Promise<number | null> {
  const text = `set -eu; root="$1"; . "${script}"; work() { ${command}; }; with_lock test work`;
  const child = spawn("bash", ["-c", text, "bash", root], { stdio: "ignore", timeout: 300_000 });
  return new Promise((resolve) => child.on("close", resolve));
}
const count = async () => Number(await readFile(join(root, "count"), "utf8"));
const lock = () => join(root, "build", "test.lock");

describe("a lock of the scripts", () => {
  it("lets one command at a time do its work", async () => {
    expect(await Promise.all(Array.from({ length: 8 }, () => locked()))).toEqual(Array<number>(8).fill(0));
    expect(await count()).toBe(8);
    expect(existsSync(lock())).toBe(false);
  });

  it("is taken over from a process that no longer lives, by one of those that wait", async () => {
    symlinkSync(`999999999@${hostname()}`, lock());
    expect(await Promise.all(Array.from({ length: 6 }, () => locked()))).toEqual(Array<number>(6).fill(0));
    expect(await count()).toBe(6);
  });

  it("is given back by a command that fails, whose status it passes on", async () => {
    expect(await locked("exit 7")).toBe(7);
    expect(await locked()).toBe(0);
    expect(await count()).toBe(1);
  });
});
