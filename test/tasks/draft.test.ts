import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { draftTasks } from "../../src/tasks/draft/draft.ts";
import { parseTaskFile } from "../../src/tasks/taskFile.ts";
import { seed } from "../support/seed.ts";

const viewOf = (files: Readonly<Record<string, string>>, branch?: string) => ({
  text: (path: string) => (Object.hasOwn(files, path) ? files[path] : undefined),
  branch,
});
const draft = (files: Readonly<Record<string, string>>, branch?: string) => {
  const { text, notes } = draftTasks(viewOf(files, branch));
  return { notes, tasks: Object.fromEntries(parseTaskFile(text).map((task) => [task.name, task])), text };
};

describe("a first file of tasks", () => {
  it("has the release of every project", () => {
    const { tasks, notes, text } = draft({});
    expect(tasks).toMatchObject({ release: { environment: "releaseTarball", on: { branches: [], tags: ["v*"] } } });
    expect(notes).toEqual([]);
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/tasks\.schema\.json\n/);
  });

  it("bundles an npm package from where it says that it begins", () => {
    const description = { main: "./lib/index.js", scripts: { test: "node --test", build: "tsc" } };
    const { tasks, notes } = draft({ "package.json": JSON.stringify(description), "lib/index.js": "", "index.js": "" });
    expect(tasks.bundle).toMatchObject({ environment: "small", output: "dist/bundle.mjs" });
    expect(tasks.bundle!.run).toMatch(/^esbuild lib\/index\.js --bundle /);
    expect(notes).toHaveLength(2);
  });

  it.each<[string, object, string]>([
    ["conditions", { exports: { ".": { import: "./a.mjs" } } }, "a.mjs"],
    ["a string", { exports: "./b.js" }, "b.js"],
    ["a program", { bin: { it: "bin/c.js" } }, "bin/c.js"],
    ["what was built of it, and a source", { main: "dist/x.js" }, "src/index.ts"],
  ])("finds the beginning behind %s", (_, description, entry) => {
    const files = { "package.json": JSON.stringify(description), [entry]: "" };
    expect(draft(files).tasks.bundle!.run).toContain(`esbuild ${entry} `);
  });

  it("names what it finds nothing for", () => {
    const files = { "package.json": "{}", "Cargo.toml": "", "go.mod": "", "pyproject.toml": "", "CMakeLists.txt": "" };
    const { tasks, notes } = draft(files);
    expect(Object.keys(tasks)).toEqual(["release"]);
    expect(notes.map((note) => note.split(":")[0])).toEqual([
      ...["package.json", "Cargo.toml", "go.mod", "pyproject.toml", "CMakeLists.txt"],
    ]);
  });

  it.each<[string, string, string | undefined]>([
    ["its first target", "prog: main.o\n\tcc -o prog main.o\n", "prog"],
    ["what a group is made of", "PROG ?= tool\n.PHONY: all\nall: $(PROG) docs\n$(PROG): a.c\n", "tool"],
    ["by way of several names", "all: lib\n.PHONY: lib\nlib: out/lib.a\n", "out/lib.a"],
    ["behind lines that go on", "SRC = a.c \\\n  b.c\nbin/x: $(SRC)\n", "bin/x"],
    ["nothing where it cannot tell", "all: $(shell ls)\n", undefined],
    ["nothing outside of the project", "../x: a.c\n", undefined],
  ])("builds what make leaves: %s", (_, makefile, output) => {
    const { tasks, notes } = draft({ Makefile: makefile });
    expect(tasks.build?.output).toBe(output);
    expect(notes).toHaveLength(output === undefined ? 1 : 0);
  });

  it("has the tests of a Makefile, and is for the branch that is worked on", () => {
    const { tasks } = draft({ Makefile: "x:\n\ttrue\ntest: x\n\t./x\n" }, "trunk");
    expect(tasks.test).toMatchObject({ kind: "test", run: "make test", on: { branches: ["trunk"] } });
    expect(tasks.release!.on.branches).toEqual([]);
  });

  it("parses, whatever is in the project's files", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.stringMatching(/^[a-z$():.=\\\n\t ]{0,80}$/));
    const files = fc.record({ "package.json": text, Makefile: text, "index.js": text }, { requiredKeys: [] });
    const check = (each: object, branch: string) => void draft(each as Record<string, string>, branch);
    fc.assert(fc.property(files, fc.string({ unit: "binary" }), check), { seed, numRuns: 500 });
  });
});
