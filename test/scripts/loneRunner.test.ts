import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runnerIn } from "../../scripts/guest/loneRunner.ts";

const module = new URL("../../scripts/guest/loneRunner.ts", import.meta.url).href;
const hasFlock = spawnSync("flock", ["--version"]).status === 0;

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "lone-"));
});
afterEach(() => rmSync(work, { recursive: true }));

describe.runIf(hasFlock)("a build that is started again", () => {
  it("waits for what the killed one has left running", async () => {
    execFileSync("mkfifo", [join(work, "go")]);
    const inner = "echo started; read line <go; echo first >>order";
    // The shell starts another one, as make does: both outlive the process that is killed.
    const script = `const { runnerIn } = await import(${JSON.stringify(module)});
      await runnerIn(${JSON.stringify(work)})("sh", ["-c", ${JSON.stringify(`(${inner}) >told & wait`)}]);`;
    const build = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      stdio: "ignore",
    });
    await expect.poll(() => existsSync(join(work, "told")), { timeout: 300_000 }).toBe(true);
    build.kill("SIGKILL");
    await once(build, "exit");

    expect(spawnSync("flock", ["--nonblock", join(work, "lock"), "true"]).status).toBe(1);
    const next = runnerIn(work)("sh", ["-c", "echo second >>order"]);
    writeFileSync(join(work, "go"), "\n");
    await next;
    expect(readFileSync(join(work, "order"), "utf8")).toBe("first\nsecond\n");
  });

  it("runs one program after the other, and says what they say", async () => {
    const alone = runnerIn(work);
    expect(await alone("sh", ["-c", "pwd"])).toBe(`${work}\n`);
    expect(await alone("sh", ["-c", "pwd"], tmpdir())).toBe(`${tmpdir()}\n`);
    await expect(alone("sh", ["-c", "exit 3"])).rejects.toThrow(/failed \(3\)/);
  });
});
