import { describe, expect, it } from "vitest";
import { isFor, parseTaskFile } from "../../src/tasks/taskFile.ts";

const file = (lines: string) => `version: 1\ntasks:\n${lines}`;

describe("a project's tasks", () => {
  it("are read with what is not written", () => {
    const text = file(
      '  bundle: { environment: small, run: sh build.sh, output: dist.tar }\n  release:\n    environment: releaseTarball\n    on: { tags: ["v*"] }\n',
    );
    const [bundle, release] = parseTaskFile(text);
    expect(bundle).toEqual({
      ...{ name: "bundle", kind: "build", environment: "small", run: "sh build.sh", output: "dist.tar", variables: {} },
      on: { branches: ["main", "master"], tags: [] },
    });
    expect(isFor(bundle!, "refs/heads/main")).toBe(true);
    expect(isFor(bundle!, "refs/heads/feature")).toBe(false);
    expect(isFor(bundle!, "refs/tags/main")).toBe(false);
    expect(isFor(release!, "refs/tags/v1.0")).toBe(true);
    expect(isFor(release!, "refs/heads/v1.0")).toBe(false);
    expect(isFor(release!, "refs/pull/1/head")).toBe(false);
  });

  it.each<[string, string, RegExp]>([
    ["no YAML", "version: [", /line 1/],
    ["a name twice", file("  a: { environment: small }\n  a: { environment: small }\n"), /line 4: .*unique/],
    ["another version", "version: 2\ntasks: { a: { environment: small } }", /line 1: version/],
    ["no tasks", "version: 1\ntasks: {}", /line 2: tasks: are none/],
    ["no environment", file("  a:\n    kind: test\n"), /line 4: tasks.a.environment/],
    ["an unknown field", file("  a:\n    environment: small\n    shell: bash\n"), /tasks.a.*shell/],
    [
      "a field of another type",
      file("  a:\n    environment: small\n    tickLimit: many\n"),
      /line 5: tasks.a.tickLimit/,
    ],
    [
      "a command without an output",
      file("  a:\n    environment: small\n    run: make\n"),
      /line 4: tasks.a: run and output belong together/,
    ],
    ["a name with a slash", file("  a/b: { environment: small }\n"), /tasks.a\/b: .*is not a name/],
    ["an environment by path", file("  a: { environment: ../small }\n"), /is not the name or id/],
    [
      "references that grow",
      "version: 1\nx: &x [1, 1]\ntasks: { a: { environment: small, variables: { a: *x } } }",
      /references within itself/,
    ],
    ["nothing", "", /line 1: the file/],
    ["a list", "- 1", /the file/],
    ["too much", `# ${"x".repeat(2 ** 18)}`, /characters/],
  ])("with %s are refused, with the line", (_, text, why) => {
    expect(() => parseTaskFile(text)).toThrow(
      expect.objectContaining({ code: "tasks/bad-file", message: expect.stringMatching(why) }),
    );
  });
});
