import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledCommand } from "../../scripts/compiledPackage.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-interrupted-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Command lines of the processes that have the folder's name in their environment and still run. */
function living(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const marked = readFileSync(`/proc/${name}/environ`, "utf8").includes(`ASSAY_TEST_FOLDER=${folder}`);
        return marked ? [readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ")] : [];
      } catch {
        // It has ended meanwhile, or is another user's.
        return [];
      }
    });
}

function start(location: string, environment: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(compiledCommand, ["build", location], {
    env: { ...process.env, XDG_CACHE_HOME: folder, ASSAY_TEST_FOLDER: folder, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

async function expectNothingLeft(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, "exit");
  child.kill(signal);
  expect(await ended).toEqual([null, signal]);
  // The system ends what was killed, which takes it a moment.
  await expect.poll(living, { timeout: 300_000 }).toEqual([]);
  expect(readdirSync(join(folder, "assay/sources"))).toEqual([]);
}

describe("a command that is interrupted while it fetches", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("over ssh leaves nothing behind at %s", async (signal) => {
    const ssh = join(folder, "ssh");
    // With a child of its own, as ssh has with a proxy command.
    writeFileSync(ssh, `#!/bin/sh\necho started >'${folder}/pipe'\nsleep 1000 &\nwait\n`);
    chmodSync(ssh, 0o755);
    rmSync(join(folder, "pipe"), { force: true });
    const listener = createListener(join(folder, "pipe"));
    const child = start("git+ssh://host.invalid/x", { GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: "simple" });
    await listener;
    await expectNothingLeft(child, signal);
  });

  it("over https leaves nothing behind", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const child = start(`git+https://127.0.0.1:${port}/x`);
    const [socket] = await once(server, "connection");
    socket.on("error", () => {});
    await expectNothingLeft(child, "SIGTERM");
    server.close();
  });

  it("before it began, or after, ends just so", async () => {
    mkdirSync(join(folder, "assay/sources"), { recursive: true });
    await expectNothingLeft(start("git+ssh://host.invalid/x"), "SIGINT");
  });
});

/** Resolves when a line comes out of a new pipe. */
async function createListener(path: string): Promise<void> {
  await once(spawn("mkfifo", [path]), "exit");
  const reader = spawn("cat", [path]);
  await once(createInterface({ input: reader.stdout }), "line");
}
