import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledCommand } from "../../scripts/compiledPackage.ts";
import { type ConsoleGuest, type ConsoleHost, runConsole } from "../../src/cli/guestConsole.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";
import { linkSmallEnvironment } from "../support/smallEnvironment.ts";

/** A guest that waits for input and does nothing else: each tick takes a second of its time. */
class WaitingGuest implements ConsoleGuest {
  ended = false;
  seconds = 0;
  readonly typed: number[] = [];
  private unread = 0;
  ticks = 0;

  get hasInput(): boolean {
    return this.unread > 0;
  }
  run(): void {
    this.ticks++;
    this.seconds++;
    this.unread = Math.max(0, this.unread - 2);
    this.ended = this.typed.includes(4);
  }
  output(): Uint8Array {
    return new Uint8Array(0);
  }
  type(bytes: Uint8Array): number {
    if (this.hasInput) return 0;
    const taken = bytes.subarray(0, 3);
    this.typed.push(...taken);
    this.unread = taken.length;
    return taken.length;
  }
}

const silentHost = { write: async () => {}, readable: async () => {}, left: false };

describe("the console of a guest", () => {
  it("types everything in order, then says that there is no more", async () => {
    const input = [[1, 2, 3, 5, 6, 7, 8], [], [9], [10, 11]];
    const guest = new WaitingGuest();
    await runConsole(guest, {
      ...silentHost,
      read: () => (input.length === 0 ? undefined : Uint8Array.from(input.shift()!)),
    });
    expect(guest.typed).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 4]);
  });

  it("lets a guest that waits run no further than to its next tick until something is typed", async () => {
    const guest = new WaitingGuest();
    const waits: number[] = [];
    const host: ConsoleHost = {
      ...silentHost,
      read: () => (waits.length < 3 ? new Uint8Array(0) : undefined),
      readable: async () => void waits.push(guest.ticks),
    };
    await runConsole(guest, host);
    expect(waits).toEqual([1, 2, 3]);
  });

  it("ends when the user leaves", async () => {
    const guest = new WaitingGuest();
    await runConsole(guest, { ...silentHost, read: () => new Uint8Array(0), left: true });
    expect(guest.ticks).toBe(0);
  });
});

describe.runIf(pinnedImageFiles())("assay env shell", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-shell-"));
    await linkSmallEnvironment(join(folder, "assay"));
    await mkdir(join(folder, "source"));
    await writeFile(join(folder, "source", "hello.txt"), "hello from the source\n");
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Pipes text into a shell; what follows the first part is typed when the guest has written the word before it. */
  async function shell(typed: string | readonly (readonly [string, string])[], ...args: readonly string[]) {
    const child = spawn(compiledCommand, ["guest", "shell", ...args], {
      cwd: folder,
      env: { ...process.env, XDG_CACHE_HOME: folder },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: 500_000,
    });
    const steps = typeof typed === "string" ? [["", typed] as const] : [...typed];
    let seen = 0;
    const proceed = () => {
      while (steps.length > 0) {
        const at = text.stdout.indexOf(steps[0]![0], seen);
        if (at < 0) return;
        const [word, keys] = steps.shift()!;
        seen = at + word.length;
        child.stdin.write(keys);
        if (steps.length === 0) child.stdin.end();
      }
    };
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        text[name] += chunk;
        proceed();
      });
    }
    proceed();
    const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { status, stdout: text.stdout.replaceAll("\r", ""), stderr: text.stderr };
  }

  it("runs what comes from a pipe on a source, and says at both ends that it is not claimable", async () => {
    const { status, stdout, stderr } = await shell("cat hello.txt; tty; exit 7\n", "--source", "source");
    expect(status).toBe(0);
    expect(stdout).toContain("\nhello from the source\n/dev/hvc0\n");
    expect(stderr).toMatch(/^assay: console of small \(0x[0-9a-f]{64}\)\. NOT CLAIMABLE: /);
    expect(stderr).toMatch(/the guest's shell ended with status 7\. Nothing of this was claimable\.\n$/);
  });

  it("ends with the pipe, also when the guest reads, works or sleeps then, and loses nothing of it", async () => {
    const lines = Array.from({ length: 200 }, (_, i) => `line ${i}`);
    const { status, stdout } = await shell(`cat >all; sleep 30; wc -l all; tail -n 1 all\n${lines.join("\n")}\n`);
    expect(status).toBe(0);
    expect(stdout).toContain("\n200 all\nline 199\n");
  });

  it("has job control: Ctrl-C ends what runs, Ctrl-Z stops it", async () => {
    const { stdout } = await shell([
      ["# ", "cat\n"],
      ["cat\r\n", "xyz\n"],
      // Once as the echo, once from cat.
      ["xyz\r\n", ""],
      ["xyz\r\n", "\x03"],
      ["# ", "echo status $?; sleep 9\n"],
      ["\nstatus ", "\x1a"],
      ["# ", "jobs; exit\n"],
    ]);
    expect(stdout).toMatch(/^status 130$/m);
    expect(stdout).toMatch(/Stopped +sleep 9/);
  });

  it("names what is wrong before it starts anything", async () => {
    expect(await shell("", "--env", "absent")).toMatchObject({ status: 1, stdout: "" });
    expect(await shell("", "--rev", "HEAD")).toMatchObject({ status: 2, stderr: expect.stringContaining("--source") });
  });
});
