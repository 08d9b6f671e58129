import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { emulatorExitCodes, initExitCodes } from "../../src/guest/result.ts";
import { pinnedImageFiles, runGuest, runInput, sourceTime } from "../support/guestRun.ts";

const helloC =
  '#include <stdio.h>\nint main(int n, char **a) { printf("hello %s %.2f\\n", a[1], n * 0.5); return 0; }\n';

/** What the output drive holds besides its first 64 KiB. */
const mostBytes = 2 ** 26 - 65_536;

describe.runIf(pinnedImageFiles())("small guest: builds", () => {
  it("compiles a C program with tcc and runs it", () => {
    const run = runGuest({ "hello.c": helloC }, { command: "tcc -o hello hello.c && ./hello world >out" });
    expect(run).toMatchObject({ exitCode: 0 });
    expect(Buffer.from(run.artifact).toString()).toBe("hello world 1.00\n");
  });

  it("links several files and leaves the program as the artifact, hashed", () => {
    const files = {
      "main.c": "int twice(int); int main(void) { return twice(21); }\n",
      "lib/twice.c": "int twice(int x) { return 2 * x; }\n",
    };
    const run = runGuest(files, {
      command:
        "tcc -c main.c && tcc -c lib/twice.c -o twice.o && tcc -o prog main.o twice.o && { ./prog; test $? = 42; }",
      outputs: ["prog"],
    });
    expect(run.exitCode).toBe(0);
    expect(Buffer.from(run.artifact.subarray(0, 4)).toString()).toBe("\x7fELF");
    expect(run.artifactSha256).toBe(`0x${createHash("sha256").update(run.artifact).digest("hex")}`);
  });

  it("bundles TypeScript with esbuild", () => {
    const files = {
      "index.ts": 'import { half } from "./half.ts";\nconst seven: number = half(14);\nexport { seven };\n',
      "half.ts": "export const half = (x: number): number => x / 2;\n",
    };
    const run = runGuest(files, {
      command: "esbuild index.ts --bundle --format=esm --minify --outfile=out/index.js",
      outputs: ["out/index.js"],
    });
    expect(run.exitCode).toBe(0);
    expect(Buffer.from(run.artifact).toString()).toMatch(/^var \w=\w=>\w\/2;var \w=\w\(14\);export\{\w as seven\};\n$/);
  });

  it("gives the command its variables, the source's time and nothing of the host", () => {
    const run = runGuest(
      { "a file": "x" },
      { command: 'env | sort; date -u; ls -l; exit "$CODE"', variables: { CODE: "7", TEXT: "it's $HOME" } },
    );
    expect(run.exitCode).toBe(7);
    expect(run.console).toContain(
      "CODE=7\nHOME=/root\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/w\nSHLVL=1\n" +
        "SOURCE_DATE_EPOCH=1700000000\nTEXT=it's $HOME\n",
    );
    expect(run.console).toContain("Tue Nov 14 22:13:20 UTC 2023");
    expect(run.console).toContain("-rw-r--r--    1 root     root             1 Nov 14 22:13 a file");
    expect(sourceTime).toBe(Date.UTC(2023, 10, 14, 22, 13, 20) / 1000);
  });

  it("does the same in every run", () => {
    const once = () =>
      runGuest({ "hello.c": helloC }, { command: "tcc -o out hello.c; head -c 16 /dev/urandom | xxd" });
    expect(once()).toEqual(once());
  });

  it("boots, unpacks and switches off within 40 M instructions", () => {
    expect(runGuest({ out: "x" }, {}).retired).toBeLessThan(40e6);
  });

  it("takes a path beyond a header's field, an absolute output and a link to it", () => {
    const name = `${"d".repeat(120)}/f`;
    const command = `mkdir /tmp/o && cat ${name} >/tmp/o/real && ln -s real "/tmp/o/the link"`;
    const run = runGuest({ [name]: "deep" }, { command, outputs: ["/tmp/o/the link"] });
    expect([run.exitCode, Buffer.from(run.artifact).toString()]).toEqual([0, "deep"]);
  });
});

describe.runIf(pinnedImageFiles())("small guest: what goes wrong", () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ["fails", "exit 3", 3],
    ["is not found", "no-such-program", 127],
    ["cannot be executed", "./out", 126],
    ["is killed", "kill -SEGV $$", 139],
    ["fails with a code of init's", "exit 241", initExitCodes.reserved],
    ["leaves no output", "rm out", initExitCodes.noOutput],
    ["leaves a device as its output", "rm out; ln -s /dev/zero out", initExitCodes.noOutput],
    ["takes its own folder away", "rm -rf /w/*; umount -l /w; true", initExitCodes.noOutput],
    ["leaves an output beyond the drive", `truncate -s ${mostBytes + 1} out`, initExitCodes.outputTooLarge],
    ["fills the disk", "cat /dev/zero >full", 1],
    ["fills memory", "exec awk 'BEGIN { x = \"x\"; while (1) x = x x }'", 137],
    ["uses the network", "wget http://192.0.2.1/", 1],
    ["switches the guest off", "poweroff -f; sleep 9", emulatorExitCodes.noResult],
    ["reboots the guest", "reboot -f; sleep 9", emulatorExitCodes.rebooted],
    [
      "makes the kernel panic",
      "dd if=/dev/zero of=/proc/1/mem bs=4096 seek=16 count=64 conv=notrunc; sleep 9",
      emulatorExitCodes.rebooted,
    ],
    ["never ends", "while :; do :; done", emulatorExitCodes.tickLimit],
    ["sleeps for ever", "sleep 100000000", emulatorExitCodes.tickLimit],
    ["prints without end", "yes", emulatorExitCodes.tickLimit],
    ["forks without end", "f() { f | f & }; f; while :; do sleep 1; done", emulatorExitCodes.tickLimit],
  ];
  it.each(cases)("a command that %s ends in a defined way", (what, command, exitCode) => {
    const tickLimit = exitCode === emulatorExitCodes.tickLimit ? 80 : what === "fills memory" ? 450 : 180;
    const run = runGuest({ out: "x" }, { command, tickLimit: BigInt(tickLimit) });
    expect(run.exitCode).toBe(exitCode);
    // What there is, a command that has failed leaves all the same.
    const fails = exitCode < initExitCodes.badInput || exitCode === initExitCodes.reserved;
    expect(Buffer.from(run.artifact).toString().slice(0, 1)).toBe(fails ? "x" : "");
    // The tick in which the limit shows comes on top.
    expect(run.ticks).toBeLessThanOrEqual(tickLimit + 1);
  });

  it("an output that just fits is the artifact", () => {
    const run = runGuest({}, { command: `truncate -s ${mostBytes} out` });
    expect([run.exitCode, run.artifact.length]).toEqual([0, mostBytes]);
  });

  it("an empty output is an artifact too", () => {
    const run = runGuest({}, { command: ": >out" });
    expect([run.exitCode, run.artifact.length]).toEqual([0, 0]);
    expect(run.artifactSha256).toBe(`0x${createHash("sha256").digest("hex")}`);
  });

  it("processes left behind do not change the artifact", () => {
    const run = runGuest({}, { command: "echo first >out; (while :; do echo more >>out; done) & sleep 0.001" });
    expect(run.exitCode).toBe(0);
    const lines = Buffer.from(run.artifact).toString().split("\n");
    expect([lines[0], new Set(lines.slice(1, -1))]).toEqual(["first", new Set(["more"])]);
  });

  it.each([
    ["is empty", new Uint8Array(0)],
    ["is no input drive", new TextEncoder().encode("something else ".repeat(300))],
  ])("an input that %s is named as such", (_, input) => {
    expect(runInput(input).exitCode).toBe(initExitCodes.badInput);
  });
});
