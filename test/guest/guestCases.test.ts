import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { filesInTar } from "../../src/build/node/filesInTar.ts";
import type { BuildDescription } from "../../src/guest/buildDescription.ts";
import { initExitCodes } from "../../src/guest/result.ts";
import { type GuestRun, pinnedImageFiles, runGuest } from "../support/guestRun.ts";

/** What a guest is to have so that ordinary builds work in it; each was missing once. */

function printed(command: string, build: Partial<BuildDescription> = {}, files: Record<string, string> = { a: "" }) {
  const { exitCode, console } = runGuest(files, { outputs: [], command, ...build });
  return { exitCode, console };
}

async function membersOf(run: GuestRun): Promise<Record<string, string>> {
  const files = await filesInTar(run.artifact);
  return Object.fromEntries(files.map(({ file, content }) => [file, Buffer.from(content).toString()]));
}

describe.runIf(pinnedImageFiles())("guests: what a command finds", () => {
  it("has the standard streams as files, also for another user, and processes' file descriptors", () => {
    const command =
      "echo one | cat /dev/stdin; echo two >/dev/stderr; echo three >/dev/stdout; echo four | cat /dev/fd/0";
    for (const user of [undefined, "build"] as const) {
      expect(printed(command, { user })).toEqual({ exitCode: 0, console: "one\ntwo\nthree\nfour\n" });
    }
  });

  it("has users and their names", () => {
    expect(printed("whoami; id -un; install -o root -g root a b && ls -l b | cut -c 1-30").console).toBe(
      "root\nroot\n-rwxr-xr-x    1 root     root \n",
    );
    const command = "whoami; echo $HOME; touch a b $HOME/c && ls -l . | cut -c 1-30 | tail -n 2; touch /usr/c";
    expect(printed(command, { user: "build" })).toEqual({
      exitCode: 1,
      console:
        "build\n/home/build\n-rw-r--r--    1 build    build\n-rw-r--r--    1 build    build\ntouch: /usr/c: Permission denied\n",
    });
  });

  it("has shared memory, pseudo-terminals, and files in which nothing fits", () => {
    const command =
      "mkdir /dev/shm/x && script -q -c 'test -t 0 && echo a terminal' /dev/null </dev/null; echo >/dev/full; ls /dev/pts";
    expect(printed(`${command} | head -n 1`).console).toContain("write error: No space left on device");
  });

  it("has a loopback interface, and no other", () => {
    const command =
      "mkdir -p srv; echo served >srv/f; httpd -p 127.0.0.1:8080 -h srv; wget -q -O - http://localhost:8080/f; ls /sys/class/net";
    expect(printed(command)).toEqual({ exitCode: 0, console: "served\nlo\n" });
  });

  it("has a root file system that can be written to, and is the same again in the next build", () => {
    const command =
      "mkdir -p /usr/local/bin && cp a /usr/local/bin/new && rm /usr/bin/tcc && ls /usr/local/bin; ls /usr/bin/tcc";
    const once = () => printed(command);
    expect(once()).toEqual({ exitCode: 1, console: "new\nls: /usr/bin/tcc: No such file or directory\n" });
    expect(once()).toEqual(once());
  });

  it("has the folders of a source as they are, also those that a case-blind file system would fold together", () => {
    const files = { "a/README": "1", "A/readme": "2", "A/README": "3" };
    expect(printed("cat */*; mv A B; rm -r a; find . -type f | sort", {}, files).console).toBe(
      "321./B/README\n./B/readme\n",
    );
  });

  it("gives the command no terminal, and nothing to read", () => {
    expect(printed("cat; test -t 0 || test -t 1 || test -t 2 || echo none; tty").console).toBe("none\nnot a tty\n");
  });
});

describe.runIf(pinnedImageFiles())("guests: the compiler of the small one", () => {
  const source = `#include <math.h>
#include <stdio.h>
#include <string.h>
#include <pthread.h>
#include <dlfcn.h>
static void *same(void *a) { return a; }
int main(int n, char **v) {
  pthread_t t; void *r; char b[] = "abcdef"; long double x = n;
  pthread_create(&t, 0, same, v); pthread_join(t, &r); memmove(b + 1, b, 4);
  printf("%.3f %d %s %.1Lf\\n", sin(n), r == v, b, x / 4);
  return 0;
}
`;

  it.each(["-lm", "-lm -lpthread -ldl", "-static -lm", "-static -lm -lpthread"])("links with %s", (options) => {
    const command = `tcc ${options} -o p p.c && ./p`;
    expect(printed(command, {}, { "p.c": source })).toEqual({ exitCode: 0, console: "0.841 1 aabcdf 0.2\n" });
  });
});

describe.runIf(pinnedImageFiles())("guests: programs that the small one's compiler once made wrong", () => {
  it("differences of pointers that are negative, of elements whose size is not a power of two", () => {
    const source = `#include <stdio.h>
typedef struct { long a, b; int next; } node;
static long between(node *a, node *b) { return a - b; }
int main(void) { static node n[9]; printf("%ld %ld %d\\n", between(n + 2, n + 7), between(n + 7, n + 2), (int)(n - &n[8])); return 0; }
`;
    expect(printed("tcc -o p p.c && ./p", {}, { "p.c": source }).console).toContain("-5 5 -8\n");
  });

  it("floats as conditions", () => {
    const source = `#include <stdio.h>
static int all(double a, double b) { int n = 0; while (a) { a -= 1; n++; } return 100 * n + 10 * (a && b) + (a || b) + (b ? 5 : 7); }
int main(void) { printf("%d %d %d\\n", all(3, 0), all(0, 1.5), all(2, -0.0)); return 0; }
`;
    expect(printed("tcc -o p p.c && ./p", {}, { "p.c": source })).toEqual({ exitCode: 0, console: "307 6 207\n" });
  });

  it("floats that are read through a pointer as arguments beside others", () => {
    const source = `#include <stdio.h>
struct value { double d; int tag; };
static int take(double d, double *p, int mode) { *p = d + mode; return mode; }
static int give(const struct value *v, double *p, int mode) { if (v->tag == 1) return take(v->d, p, mode); return 0; }
int main(void) { struct value v = { 2.5, 1 }; double d = 0; int r = give(&v, &d, 3); printf("%d %g\\n", r, d); return 0; }
`;
    expect(printed("tcc -o p p.c && ./p", {}, { "p.c": source })).toEqual({ exitCode: 0, console: "3 5.5\n" });
  });

  it("structures of an integer and a float that are returned from memory", () => {
    const source = `#include <stdio.h>
typedef struct { int tag; double x; } mixed;
static mixed all[3] = { { 1, 1.5 }, { 2, 2.25 }, { 3, 3.125 } };
static mixed first(mixed *p) { return *p; }
static mixed one(int i) { return all[i]; }
static mixed either(int c) { return c ? all[1] : *(all + 2); }
int main(void) {
  mixed r = first(all), s = one(2), t = either(1), u = either(0);
  printf("%d %g %d %g %d %g %d %g\\n", r.tag, r.x, s.tag, s.x, t.tag, t.x, u.tag, u.x);
  return 0;
}
`;
    expect(printed("tcc -o p p.c && ./p", {}, { "p.c": source })).toEqual({
      exitCode: 0,
      console: "1 1.5 3 3.125 2 2.25 3 3.125\n",
    });
  });
});

describe.runIf(pinnedImageFiles())("guests: what a command leaves", () => {
  it("one file is the artifact as it is, and whether it can be executed is in the record", () => {
    const plain = runGuest({}, { command: "echo x >out", outputs: ["out"] });
    expect(plain.record).toMatchObject({ artifact: { kind: "file", executable: false } });
    const program = runGuest({}, { command: "echo x >out; chmod +x out", outputs: ["./out"] });
    expect(program.record).toMatchObject({ artifact: { kind: "file", executable: true } });
    expect(program.artifactSha256).toBe(plain.artifactSha256);
  });

  it("a folder is an archive: sorted, one time, no owners, modes and links kept, no sockets and pipes", async () => {
    const command =
      "mkdir -p d/z d/e; echo 1 >d/z/b; echo 2 >d/z/a; chmod 755 d/z/a; ln -s z/a d/l; mkfifo d/p; chown 7:7 d/z/a; touch -d @5 d/z";
    const run = runGuest({}, { command, outputs: ["d"] });
    expect(run.record).toMatchObject({ artifact: { kind: "archive" }, outputs: [{ path: "d", kind: "directory" }] });
    expect(await headersOf(run.artifact)).toEqual([
      "d/ 755 directory",
      "d/e/ 755 directory",
      "d/l 777 symlink z/a",
      "d/z/ 755 directory",
      "d/z/a 755 file",
      "d/z/b 644 file",
    ]);
    const again = "mkdir -p d/e d/z; echo 2 >d/z/a; chmod 755 d/z/a; echo 1 >d/z/b; ln -s z/a d/l; sleep 3";
    expect(runGuest({}, { command: again, outputs: ["d"] }).artifactSha256).toBe(run.artifactSha256);
  });

  it("several outputs are one archive, also of a command that fails, as far as they are there", async () => {
    const command = "echo a >a; mkdir -p b/c; echo d >b/c/d; exit 3";
    const run = runGuest({}, { command, outputs: ["a", "b", "/etc/hostname", "none"] });
    expect(run.exitCode).toBe(3);
    expect(await membersOf(run)).toEqual({ a: "a\n", "b/c/d": "d\n", "etc/hostname": "build\n" });
    expect(run.record).toMatchObject({ exitCode: 3, outputs: [{}, {}, {}, { path: "none", kind: "missing" }] });
  });

  it("what a failed command has left without an output is nothing, not the hash of nothing", () => {
    const run = runGuest({}, { command: "false", outputs: ["out"] });
    expect(run).toMatchObject({ exitCode: 1, artifactSha256: `0x${"00".repeat(32)}`, record: { artifact: null } });
  });

  it("a build that names no output has none, and succeeds", () => {
    const run = runGuest({}, { command: "echo tested", outputs: [] });
    expect(run).toMatchObject({
      exitCode: 0,
      artifactSha256: `0x${"00".repeat(32)}`,
      record: { artifact: null, outputs: [] },
    });
  });

  it("what it has printed is in the record by its hash, whoever printed it and whatever it was", () => {
    const command = "printf 'a\\r\\n\\033[2Jb\\000c'; (sleep 0.1; echo late) & echo now >&2; wait; exit 2";
    const run = runGuest({}, { command, outputs: [] });
    const log = "a\r\n\u001b[2Jb\0cnow\nlate\n";
    expect(run.record).toMatchObject({
      log: { bytes: log.length, sha256: createHash("sha256").update(log).digest("hex") },
    });
    expect(run.console.startsWith(log)).toBe(true);
  });

  it("reports are found by patterns and kept beside the artifact", async () => {
    const command =
      "mkdir -p x/y; for f in TEST-1.xml x/TEST-2.xml x/y/TEST-3.xml x/TEST.xml t.tap; do echo $f >$f; done; false";
    const run = runGuest({}, { command, outputs: [], reports: ["**/TEST-?.xml", "*.tap"] });
    const { reports } = run.record as { reports: { bytes: number } };
    expect(reports.bytes % 512).toBe(0);
    expect(run.reports && (await filesInTar(run.reports)).map(({ file }) => file)).toEqual([
      "TEST-1.xml",
      "t.tap",
      "x/TEST-2.xml",
      "x/y/TEST-3.xml",
    ]);
  });

  it.each([
    ["a socket", "nc -lU out & sleep 0.01", initExitCodes.noOutput],
    ["a link in a circle", "ln -s out out", initExitCodes.noOutput],
    ["a hole as large as the drive", "truncate -s 67108864 out", initExitCodes.outputTooLarge],
    ["a folder that does not fit", "mkdir out; truncate -s 40000000 out/a out/b", initExitCodes.outputTooLarge],
  ])("an output that is %s is refused by code", (_, command, exitCode) => {
    const run = runGuest({}, { command, outputs: ["out"] });
    expect(run).toMatchObject({ exitCode, record: { artifact: null } });
    expect(run.console).toMatch(
      exitCode === initExitCodes.noOutput ? /init: out: / : /take \d+ bytes, .* room for 67043328/,
    );
  });
});

async function headersOf(archive: Uint8Array): Promise<string[]> {
  const { extract } = await import("tar-stream");
  const headers: string[] = [];
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    const { name, mode, type, linkname, uid, gid, mtime } = entry.header;
    expect([uid, gid, mtime?.getTime()]).toEqual([0, 0, 1_700_000_000_000]);
    headers.push([name, mode!.toString(8), type, linkname].filter(Boolean).join(" "));
    entry.resume();
  }
  return headers;
}
