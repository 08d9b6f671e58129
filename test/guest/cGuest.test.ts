import { describe, expect, it } from "vitest";
import { pinnedImageFiles, runGuest } from "../support/guestRun.ts";

/** A project with a makefile, a header, floating point and a static library. */
const project = {
  Makefile: `CFLAGS = -O2 -Wall -Werror
prog: main.o libroots.a
\t$(CC) -o $@ $^ -lm
libroots.a: roots.o
\tar rcD $@ $^
main.o roots.o: roots.h
`,
  "roots.h": "double root(double);\n",
  "roots.c": '#include "roots.h"\n#include <math.h>\ndouble root(double x) { return sqrt(x); }\n',
  "main.c": '#include "roots.h"\n#include <stdio.h>\nint main(void) { printf("%.12f\\n", root(2)); return 0; }\n',
};

describe.runIf(pinnedImageFiles("c"))("the guest of C", () => {
  it("builds a project with make and gcc and runs what it built", () => {
    const run = runGuest(project, { command: "make && ./prog >out", tickLimit: 3000n }, "c");
    expect(run.console).toContain("cc -o prog main.o libroots.a -lm\n");
    expect([run.exitCode, Buffer.from(run.artifact).toString()]).toEqual([0, "1.414213562373\n"]);
  });

  it("hands on what the compiler complains about", () => {
    const run = runGuest({ "a.c": "int main(void) { return x; }\n" }, { command: "cc a.c", tickLimit: 1000n }, "c");
    expect(run.exitCode).toBe(1);
    expect(run.console).toContain("a.c:1:25: error: 'x' undeclared (first use in this function)\n");
  });
});
