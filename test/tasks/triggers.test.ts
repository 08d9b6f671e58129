import { describe, expect, it } from "vitest";
import { isTouched } from "../../src/tasks/triggers.ts";

const on = (include: string[], exclude: string[] = []) => ({
  on: { branches: ["main"], tags: [], patches: false, paths: { include, exclude } },
});

describe("whether a change touches a task", () => {
  it.each<[string, ReturnType<typeof on>, string[] | undefined, boolean]>([
    ["a path that it is for", on(["src/**"]), ["README", "src/a/b.ts"], true],
    ["only others", on(["src/**"]), ["README", "docs/src/a"], false],
    ["only those that it leaves out", on([], ["**/*.md", "docs/**"]), ["README.md", "docs/a.png", "x/y.md"], true],
    ["only those that it leaves out, at every depth", on([], ["**.md", "docs/**"]), ["README.md", "x/y.md"], false],
    ["one that it is for and leaves out", on(["src/**"], ["**.md"]), ["src/README.md"], false],
    ["its own file of tasks", on(["src/**"]), [".assay/tasks.yaml"], true],
    ["nothing", on(["src/**"]), [], false],
    ["nothing, and it names no paths", on([]), [], true],
    ["what cannot be compared", on(["src/**"]), undefined, true],
  ])("%s", (_, task, changed, touched) => {
    expect(isTouched(task, changed)).toBe(touched);
  });

  it("counts as touched when it would take too long to tell", () => {
    const patterns = Array.from({ length: 64 }, () => `${"*a".repeat(100)}b`);
    const paths = Array.from({ length: 20_000 }, (_, i) => `${"a".repeat(200)}${i}`);
    expect(isTouched(on(patterns), paths)).toBe(true);
  });
});
