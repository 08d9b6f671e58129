import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTasks } from "../../src/tasks/node/readTasks.ts";
import { parseAmbient, parseNative } from "../../src/tasks/radicleFiles.ts";

describe("a file for Radicle's native adapter", () => {
  it("is one test, in a shell that ends at the first fault", () => {
    const { tasks, unmapped } = parseNative("shell: |\n  make\n  make check\nimage: debian\n");
    expect(tasks).toMatchObject([
      { name: "native", kind: "test", environment: "c", run: "bash -euo pipefail -c 'make\nmake check\n'" },
    ]);
    expect(unmapped).toEqual([".radicle/native.yaml: image: is not known here"]);
  });

  it.each([
    ["without a shell", "image: debian\n", /line 1: shell/],
    ["that is no YAML", "shell: [", /line 1/],
  ])("%s is refused", (_, text, why) => {
    expect(() => parseNative(text)).toThrow(
      expect.objectContaining({ code: "tasks/bad-file", message: expect.stringMatching(why) }),
    );
  });
});

describe("a file for Ambient CI", () => {
  it("is mapped as far as its actions are shells, and the rest is named", () => {
    const { tasks, unmapped } = parseAmbient(
      "pre_plan: [{ action: cargo_fetch }]\nplan:\n- action: shell\n  shell: make\n- action: cargo_test\n- action: shell\n  shell: |\n    ./run\nwhat: 1\n",
    );
    expect(tasks).toMatchObject([
      { name: "ambient", run: "bash -euo pipefail -c 'make' &&\nbash -euo pipefail -c './run\n'" },
    ]);
    expect(unmapped).toEqual([
      '.radicle/ambient.yaml: pre_plan.0: the action "cargo_fetch" is for outside of the machine, which has no network',
      '.radicle/ambient.yaml: plan.1: the action "cargo_test" is not run here: only "shell" is',
      ".radicle/ambient.yaml: what: is not known here",
    ]);
  });

  it("of which nothing can be run is refused, with what is in it", () => {
    expect(() => parseAmbient("plan: [{ action: cargo_test }]\n")).toThrow(/no action .*\n.*"cargo_test"/);
  });
});

describe("a source's tasks", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-tasks-"));
    await mkdir(join(folder, ".radicle"));
  });
  afterAll(async () => await rm(folder, { recursive: true, force: true }));

  it("are those for Radicle where it has none of its own, and its own where it has", async () => {
    const names = async () => (await readTasks(folder)).tasks.map(({ name }) => name);
    await expect(readTasks(folder)).rejects.toMatchObject({ code: "tasks/no-file" });
    await writeFile(join(folder, ".radicle/ambient.yaml"), "plan: [{ action: shell, shell: make }]\n");
    expect(await names()).toEqual(["ambient"]);
    await writeFile(join(folder, ".radicle/native.yaml"), "shell: make\n");
    expect(await names()).toEqual(["native", "ambient"]);
    await mkdir(join(folder, ".assay"));
    await writeFile(
      join(folder, ".assay/tasks.yaml"),
      "version: 1\ntasks: { a: { environment: small, run: x, output: y } }\n",
    );
    expect(await names()).toEqual(["a"]);
  });
});
