import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";
import { makeGuestCache } from "../support/guestCache.ts";
import { type EnvironmentName, pinnedImageFiles } from "../support/guestRun.ts";
import { runAssay, SpawnedDaemon } from "../support/spawned.ts";

/** A folder with an environment, and what projects in it come to. */
class Place {
  private constructor(
    readonly folder: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async make(name: EnvironmentName): Promise<Place> {
    const folder = await mkdtemp(join(tmpdir(), "assay-guest-tasks-"));
    const { xdgCacheHome } = await makeGuestCache(folder, name);
    return new Place(folder, { XDG_CACHE_HOME: xdgCacheHome, ASSAY_PASSWORD: "secret" });
  }

  project(name: string, files: Readonly<Record<string, string>>): GitRepository {
    const project = createRepository(join(this.folder, name));
    for (const [path, text] of Object.entries(files)) project.write(path, text);
    return project;
  }

  async run(project: GitRepository, ...args: string[]) {
    return await runAssay(args, { folder: project.path, environment: this.environment });
  }

  daemon(project: GitRepository, ...args: string[]): SpawnedDaemon {
    return new SpawnedDaemon(args, { folder: project.path, environment: this.environment, key: "" });
  }

  async assay(project: GitRepository, ...args: string[]) {
    const given = await this.run(project, ...args, "--json");
    return { ...given, data: given.stdout === "" ? undefined : JSON.parse(given.stdout) };
  }
}

let place: Place;
const remove = async () => await rm(place.folder, { recursive: true, force: true });

describe.runIf(pinnedImageFiles("small"))("in the environment small", () => {
  beforeAll(async () => {
    place = await Place.make("small");
  });
  afterAll(remove);

  it("assay init describes an npm package so that assay run bundles it", async () => {
    const description = { name: "x", main: "lib/index.js", scripts: { test: "node --test" } };
    const project = place.project("package", {
      "package.json": JSON.stringify(description),
      "lib/index.js": 'import { two } from "./two.js";\nimport chalk from "chalk";\nconsole.log(chalk.red(two));\n',
      "lib/two.js": 'export const two = "it is bundled";\n',
    });
    const printed = await place.assay(project, "init", "--print");
    expect(printed.data).toMatchObject({ tasks: ["bundle", "release"], notes: [expect.stringContaining("Node.js")] });
    expect((await place.assay(project, "init")).status).toBe(0);
    expect(await readFile(join(project.path, ".assay/tasks.yaml"), "utf8")).toBe(printed.data.text);
    const schema = JSON.parse(await readFile(join(project.path, ".assay/tasks.schema.json"), "utf8"));
    expect(schema).toEqual(JSON.parse(await readFile("schema/tasks.json", "utf8")));
    expect(await place.assay(project, "init")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("there already"),
    });
    project.commit();
    const { status, stderr } = await place.assay(project, "run", "--artifacts", "../out", "--no-console");
    expect(status, stderr).toBe(0);
    expect(await readFile(join(place.folder, "out/bundle"), "utf8")).toContain("it is bundled");
  });

  it("a test's results are counted from its console and its files, and signed", async () => {
    const junit = (more: string) => `<testsuite><testcase name=\\"a\\"/>${more}</testsuite>`;
    const tests = (more: string) =>
      `    kind: test\n    environment: small\n    run: mkdir report; echo "${junit(more)}" >report/r.xml\n    results: ["report/*.xml"]\n`;
    const project = place.project("tests", {
      ".assay/tasks.yaml": [
        "version: 1\ntasks:\n",
        "  tap: { kind: test, environment: small, run: 'printf \"1..2\\nok 1 - x\\nnot ok 2 - y # TODO\\n\"' }\n",
        `  good:\n${tests("")}  bad:\n${tests('<testcase name=\\"b\\"><failure/></testcase>')}`,
        `  hostile:\n${tests("").replace("<testsuite>", "<!DOCTYPE a><testsuite>")}`,
        "  fails: { kind: test, environment: small, run: 'exit 3' }\n",
      ].join(""),
    });
    const commit = project.commit();
    await place.assay(project, "key", "new", "--signing", "../signing.json");
    const signing = ["--key", "../signing.json", "--bundle", "../tests.jsonl", "--publish", "../store"];
    const { status, data, stderr } = await place.assay(project, "run", "--no-console", ...signing);
    expect(status, stderr).toBe(8);
    type Line = { task: string; exitCode: number; tests: { result: string; counts: object } };
    expect(data.map(({ task, exitCode, tests: of }: Line) => [task, exitCode, of.result, of.counts])).toEqual([
      ["tap", 0, "PASSED", { passed: 1, failed: 0, skipped: 1 }],
      ["good", 0, "PASSED", { passed: 1, failed: 0, skipped: 0 }],
      ["bad", 0, "FAILED", { passed: 1, failed: 1, skipped: 0 }],
      ["hostile", 0, "WARNED", { passed: 0, failed: 0, skipped: 0 }],
      ["fails", 3, "FAILED", { passed: 0, failed: 0, skipped: 0 }],
    ]);
    const { keyId } = (await place.assay(project, "key", "show", "../signing.json")).data;
    const { found } = (await place.assay(project, "attest", "verify", "../tests.jsonl", "--key", keyId)).data;
    type Found = { predicateType: string; subject: [{ digest: { gitCommit?: string } }] };
    const types = (found as Found[]).map(({ predicateType }) => predicateType.split("/").at(-2));
    expect(types.filter((type) => type === "test-result")).toHaveLength(5);
    expect(found.at(-1).subject[0].digest.gitCommit).toBe(commit);
    expect(found.at(-1).tests).toMatchObject({ result: "FAILED" });
  });
});

describe.runIf(pinnedImageFiles("small"))("an agent", () => {
  beforeAll(async () => {
    place = await Place.make("small");
  });
  afterAll(remove);

  const stuck = (limits: string) =>
    `  stuck: { kind: test, environment: small, run: 'while :; do :; done', limits: ${limits} }\n`;
  const quick = "  quick: { kind: test, environment: small, run: 'true' }\n";
  const following = async (name: string, tasks: string) => {
    const project = place.project(name, { ".assay/tasks.yaml": `version: 1\ntasks:\n${tasks}` });
    project.commit();
    await place.assay(project, "key", "new", "--signing", `../${name}.json`);
    const follow = ["follow", `git+file://${project.path}`, "--key", `../${name}.json`];
    return { project, follow: [...follow, "--publish", "../published", "--state", `../${name}-state`] };
  };

  it("gives up a task that takes longer than it may", async () => {
    const { project, follow } = await following("limited", stuck("{ seconds: 3 }"));
    const { stdout, status } = await place.run(project, ...follow, "--once");
    const lines = stdout.split("\n").filter((line) => line !== "");
    expect(lines.map((line) => JSON.parse(line).why)).toContain("it took more than 3 s");
    expect(status).toBe(9);
  });

  it("runs others while one goes on and on", async () => {
    // The last one is the newest: it is begun first.
    const { project, follow } = await following("stuck", quick + stuck("{}"));
    const daemon = place.daemon(project, ...follow);
    const about = (msg: string) => daemon.lines.filter((line) => line.msg === msg).map(({ task }) => task);
    while (daemon.alive && about("task succeeded").length === 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(about("task started"), daemon.stderr).toEqual(["stuck", "quick"]);
    expect(about("task succeeded")).toEqual(["quick"]);
    expect(await daemon.stop()).toBe(0);
  });
});

describe.runIf(pinnedImageFiles("c"))("in the environment c", () => {
  beforeAll(async () => {
    place = await Place.make("c");
  });
  afterAll(remove);

  it("assay init describes a Makefile so that assay run builds and tests it", async () => {
    const project = place.project("make", {
      Makefile:
        "PROGRAM = hello\nall: $(PROGRAM)\n$(PROGRAM): hello.c\n\t$(CC) -O2 -o $@ hello.c\ncheck: $(PROGRAM)\n\t@echo 1..1\n\t@./$(PROGRAM) && echo ok 1 - says hello\n.PHONY: all check\n",
      "hello.c": '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n',
    });
    expect((await place.assay(project, "init")).data.tasks).toEqual(["build", "check", "release"]);
    project.commit();
    const { status, data, stderr } = await place.assay(project, "run", "build", "check", "--no-console");
    expect(status, stderr).toBe(0);
    expect(data).toMatchObject([
      { task: "build", exitCode: 0 },
      { task: "check", tests: { result: "PASSED", counts: { passed: 1, failed: 0 } } },
    ]);
  });

  it("runs what a project describes for Radicle's native adapter, until the first fault", async () => {
    const project = place.project("native", { ".radicle/native.yaml": "shell: |\n  false | true\n  echo unreached\n" });
    project.commit();
    const { status, data } = await place.assay(project, "run", "--no-console");
    expect([status, data[0].exitCode]).toEqual([8, 1]);
    project.write(".radicle/native.yaml", "shell: |\n  true | true\n");
    project.commit();
    expect((await place.assay(project, "run", "--no-console")).status).toBe(0);
  });
});
