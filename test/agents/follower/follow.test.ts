import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mostTries } from "../../../src/agents/follower/jobs.ts";
import { contentFile } from "../../../src/store/node/directoryStore.ts";
import { createRepository, type GitRepository } from "../../support/gitRepository.ts";
import { writeSigningKey } from "../../support/signingKeyFile.ts";
import { type Finished, runAssay, SpawnedDaemon, type Started, startAssay } from "../../support/spawned.ts";

let folder: string;
let project: GitRepository;
let url: string;
const options = () => ({ folder, environment: { ASSAY_PASSWORD: "secret" } });
const assay = async (...args: string[]) => await runAssay(args, options());
const followArgs = (...more: string[]) => [
  ...["follow", url, "--key", "signing.json", "--publish", "store", "--state", "state"],
  ...more,
];
/** The log of one look at the repository. */
async function follow(...more: string[]) {
  const { status, stdout, stderr } = await assay(...followArgs("--once", ...more));
  expect(stderr).toBe("");
  return {
    status,
    log: stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  };
}
/** Waits until something is so. @throws if the program has ended before. */
async function until(holds: () => Promise<boolean>, { finished }: Started): Promise<void> {
  let ended: Finished | undefined;
  void finished.then((given) => {
    ended = given;
  });
  while (!(await holds())) {
    if (ended !== undefined) throw new Error(`it has ended: ${ended.stdout} ${ended.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const said = (log: readonly { msg: string }[], msg: string) => log.filter((line) => line.msg === msg);
const tasks =
  'version: 1\ntasks:\n  release:\n    environment: releaseTarball\n    on: { branches: [main], tags: ["v*"] }\n';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-follow-"));
  project = createRepository(join(folder, "project"));
  url = `git+file://${project.path}`;
  const keyId = await writeSigningKey(join(folder, "signing.json"));
  const policy = `version: 1\nkeys: { agent: "${keyId}" }\nrequire: { builders: { least: 1, of: [agent] } }\nfrom: ["file:./store"]\n`;
  await writeFile(join(folder, "policy.yaml"), policy);
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("assay follow", () => {
  it("builds, signs and publishes what a commit describes, so that a client accepts it", async () => {
    project.write(".assay/tasks.yaml", tasks);
    project.write("README", "one\n");
    const commit = project.commit();
    const { status, log } = await follow();
    expect(status).toBe(0);
    expect(said(log, "a commit is seen")).toMatchObject([{ commit, tasks: ["release"] }]);
    const [succeeded] = said(log, "task succeeded") as unknown as [{ artifact: string }];
    await writeFile(
      join(folder, "artifact"),
      await readFile(contentFile(join(folder, "store"), `sha256:${succeeded.artifact}`)),
    );
    const checked = await assay("check", "artifact", "--json");
    expect(checked.status).toBe(0);
    expect(JSON.parse(checked.stdout).answers[0].results[0].result.source).toMatchObject({
      uri: url,
      digest: { gitCommit: commit },
    });
  });

  it("does nothing twice", async () => {
    project.git("tag", "v1");
    const { log } = await follow();
    expect(said(log, "a commit is seen")).toMatchObject([{ ref: "refs/tags/v1" }]);
    expect(said(log, "task started")).toEqual([]);
    expect(said((await follow()).log, "a commit is seen")).toEqual([]);
  });

  it("takes up only the tips of what its tasks are for", async () => {
    project.git("checkout", "-q", "-b", "feature");
    project.write("README", "feature\n");
    project.commit();
    project.git("checkout", "-q", "main");
    for (const text of ["two", "three"]) {
      project.write("README", `${text}\n`);
      project.commit();
    }
    const { log } = await follow();
    expect(said(log, "task succeeded")).toMatchObject([{ commit: project.git("rev-parse", "main") }]);
    expect(said(log, "a commit is seen")).toHaveLength(2);
  });

  it("goes on behind commits that it cannot read, and says why", async () => {
    project.write(".assay/tasks.yaml", "version: 1\ntasks: { a: { environment: small, output: out } }\n");
    project.commit();
    const wrong = await follow();
    expect(wrong.status).toBe(0);
    expect(said(wrong.log, "a commit has no tasks that can be read")).toMatchObject([
      { why: expect.stringContaining(".assay/tasks.yaml: line 2: tasks.a: output is what a command leaves: run") },
    ]);
    project.write(".assay/tasks.yaml", "version: 1\ntasks: { a: { environment: nowhere } }\n");
    project.commit();
    const unknown = await follow();
    expect(unknown.status).toBe(9);
    expect(said(unknown.log, "task came to no result")).toMatchObject([
      { again: false, why: expect.stringContaining("nowhere") },
    ]);
    project.write(".assay/tasks.yaml", tasks);
    project.commit();
    expect(said((await follow()).log, "task succeeded")).toHaveLength(1);
  });

  it("says that a repository is gone, and goes on when it is back", async () => {
    const gone = await assay("follow", `${url}-gone`, ...followArgs("--once").slice(2));
    expect(gone.stdout).toContain("cannot be read: will try again");
    expect(said((await follow()).log, "cannot be read: will try again")).toEqual([]);
  });

  it("goes on where it was killed", async () => {
    project.write("large", new Uint8Array(8 * 2 ** 20));
    const commit = project.commit();
    const killed = startAssay(followArgs("--poll", "1"), options());
    const started = async () => {
      const names = await readdir(join(folder, "state", "tasks")).catch(() => []);
      return names.some((name) => name.startsWith("task-"));
    };
    await until(started, killed);
    killed.kill();
    await killed.finished;
    const { log } = await follow();
    expect(said(log, "a commit is seen")).toEqual([]);
    expect(said(log, "task succeeded")).toMatchObject([{ commit }]);
    expect(await readdir(join(folder, "state", "tasks"))).toEqual([]);
  });

  /** A process that has begun the task that waits. */
  const inTask = async () => {
    const daemon = new SpawnedDaemon(followArgs("--poll", "60"), { ...options(), key: "" });
    await daemon.says("task started");
    return daemon;
  };
  const commitLarge = (fill: number) => {
    project.write("large", new Uint8Array(8 * 2 ** 20).fill(fill));
    return project.commit();
  };

  it("gives a task back when it is asked to stop, however often", async () => {
    const commit = commitLarge(1);
    for (let stops = 0; stops < mostTries; stops++) expect(await (await inTask()).stop()).toBe(0);
    const { status, log } = await follow();
    expect(said(log, "task succeeded")).toMatchObject([{ commit }]);
    expect(status).toBe(0);
  });

  it("gives up a task that its process was killed in three times, once, and says so", async () => {
    const commit = commitLarge(2);
    for (let kills = 0; kills < mostTries; kills++) await (await inTask()).kill();
    const { status, log } = await follow();
    expect(said(log, "task came to no result")).toMatchObject([
      { commit, again: false, why: "the process was killed in it, at try 3 of 3" },
    ]);
    expect(said(log, "task started")).toEqual([]);
    expect(status).toBe(9);
    expect((await follow()).status).toBe(0);
  });

  it("publishes what a task names, and adds the result to the commit's notes when it is asked to", async () => {
    project.write(".assay/tasks.yaml", `${tasks}    publish: [artifact]\n`);
    const commit = project.commit();
    const { log } = await follow("--notes", "--publish", "published");
    const [succeeded] = said(log, "task succeeded") as unknown as [{ artifact: string; build: string }];
    expect(
      (await readdir(join(folder, "published"), { recursive: true })).filter((name) => !/attest/.test(name)),
    ).toEqual(expect.arrayContaining([expect.stringContaining(succeeded.artifact.slice(2, 10))]));
    const note = project.git("notes", "--ref=assay", "show", commit);
    expect(note.split("\n")).toHaveLength(1);
    expect((await assay("notes", "show", commit, "--repository", project.path)).stdout).toContain(succeeded.artifact);
  });

  it("looks when a webhook tells it to, and not when a stranger's does", async () => {
    project.write(".assay/tasks.yaml", tasks);
    const before = project.commit();
    const secret = "0123456789abcdef";
    await writeFile(join(folder, "secret"), `${secret}\n`, { mode: 0o600 });
    const webhooks = ["--webhook-port", "0", "--webhook-secret-file", "secret"];
    const daemon = new SpawnedDaemon(followArgs("--poll", "3600", ...webhooks), { ...options(), key: "" });
    try {
      await daemon.says("task succeeded", (line) => line.commit === before);
      project.write("README", "hook\n");
      const commit = project.commit();
      const body = JSON.stringify({ repository: { clone_url: `file://${project.path}` } });
      const { url: address } = await daemon.says("webhooks are taken");
      const post = async (token: string) =>
        (await fetch(String(address), { method: "POST", body, headers: { "x-gitlab-token": token } })).status;
      expect(await post("a stranger's guess")).toBe(401);
      expect(await post(secret)).toBe(202);
      await daemon.says("task succeeded", (line) => line.commit === commit);
    } finally {
      expect(await daemon.stop()).toBe(0);
    }
  });

  it("refuses a second process in one state folder", async () => {
    const running = startAssay(followArgs("--poll", "1"), options());
    await until(async () => (await readdir(join(folder, "state"))).includes("lock"), running);
    const second = await assay(...followArgs("--once"));
    running.kill();
    await running.finished;
    expect(second.status).toBe(1);
    expect(second.stderr).toContain("state");
  });
});
