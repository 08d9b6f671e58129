import { describe, expect, it } from "vitest";
import { parseTaskFile } from "../../src/tasks/taskFile.ts";
import { isFor } from "../../src/tasks/triggers.ts";

const file = (lines: string) => `version: 1\ntasks:\n${lines}`;

describe("a project's tasks", () => {
  it("are read with what is not written", () => {
    const text = file(
      '  bundle: { environment: small, run: sh build.sh, output: dist.tar }\n  release:\n    environment: releaseTarball\n    on: { tags: ["v*"] }\n',
    );
    const [bundle, release] = parseTaskFile(text);
    expect(bundle).toEqual({
      ...{ name: "bundle", kind: "build", environment: "small", run: "sh build.sh", output: "dist.tar", variables: {} },
      on: { branches: ["main", "master"], tags: [], patches: false, paths: { include: [], exclude: [] } },
      ...{ results: [], publish: ["input", "artifact", "log"], limits: {} },
    });
    expect(isFor(bundle!, "refs/heads/main")).toBe(true);
    expect(isFor(bundle!, "refs/heads/feature")).toBe(false);
    expect(isFor(bundle!, "refs/tags/main")).toBe(false);
    expect(isFor(release!, "refs/tags/v1.0")).toBe(true);
    expect(isFor(release!, "refs/heads/v1.0")).toBe(false);
    expect(isFor(release!, "refs/pull/1/head")).toBe(false);
  });

  it("are for the usual branches where nothing is named, and for patches where they ask for them", () => {
    const [a, b] = parseTaskFile(
      file(
        "  a: { environment: small, on: { paths: { include: [src/**] } } }\n  b: { environment: small, on: { patches: true } }\n",
      ),
    );
    expect(["refs/heads/main", "refs/pull/1/head"].map((ref) => isFor(a!, ref))).toEqual([true, false]);
    const refs = ["refs/heads/main", "refs/pull/12/head", "refs/merge-requests/3/head", "refs/pull/12/merge"];
    expect(refs.map((ref) => isFor(b!, ref))).toEqual([false, true, true, false]);
  });

  it("say what is published and what bounds them", () => {
    const [a] = parseTaskFile(
      file("  a: { environment: small, publish: [log, input], limits: { seconds: 60, logBytes: 1000 } }\n"),
    );
    expect(a).toMatchObject({ publish: ["input", "log"], limits: { seconds: 60, logBytes: 1000 } });
  });

  it.each<[string, string, RegExp]>([
    ["no YAML", "version: [", /line 1/],
    ["a name twice", file("  a: { environment: small }\n  a: { environment: small }\n"), /line 4: .*unique/],
    ["another version", "version: 2\ntasks: { a: { environment: small } }", /line 1: version/],
    ["no tasks", "version: 1\ntasks: {}", /line 2: tasks: are none/],
    ["no environment", file("  a:\n    kind: test\n"), /line 4: tasks.a.environment/],
    [
      "an unknown field",
      file("  a:\n    environment: small\n    shell: bash\n"),
      /^\.assay\/tasks\.yaml: line 5: tasks\.a\.shell: is no field that is known$/m,
    ],
    [
      "an unknown trigger",
      file("  a:\n    environment: small\n    on:\n      branches: [main]\n      forks: true\n"),
      /line 7: tasks\.a\.on\.forks: is no field/,
    ],
    [
      "a test without a command",
      file("  a: { kind: test, environment: small }\n"),
      /line 3: tasks\.a: a test needs a command/,
    ],
    [
      "results of a build",
      file("  a: { environment: small, run: x, output: y, results: [r.xml] }\n"),
      /tasks\.a: results are those of a test/,
    ],
    [
      "results outside of the source",
      file("  a:\n    kind: test\n    environment: small\n    run: x\n    results: [../r.xml]\n"),
      /line 7: tasks\.a\.results\.0: is not a path/,
    ],
    ["something else to publish", file("  a: { environment: small, publish: [keys] }\n"), /tasks\.a\.publish\.0/],
    [
      "a limit that is none",
      file("  a: { environment: small, limits: { seconds: 0 } }\n"),
      /tasks\.a\.limits\.seconds/,
    ],
    ["nesting without end", `version: ${"[".repeat(200_000)}`, /\.assay\/tasks\.yaml: /],
    [
      "a field of another type",
      file("  a:\n    environment: small\n    tickLimit: many\n"),
      /line 5: tasks.a.tickLimit/,
    ],
    [
      "an output without a command",
      file("  a:\n    environment: small\n    output: out\n"),
      /line 4: tasks.a: output is what a command leaves/,
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
