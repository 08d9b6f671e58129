import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledCommand } from "../../scripts/compiledPackage.ts";
import { attestationFolder } from "../../src/attestation/node/attestationFolder.ts";
import { patchRequest, pushRequest } from "../support/brokerRequests.ts";
import { type Person, people, projectStorage } from "../support/radicleStorage.ts";
import { writeSigningKey } from "../support/signingKeyFile.ts";
import { runInShell } from "../support/spawned.ts";

const [alice, bob] = people as [Person, Person];
const tasks = "version: 1\ntasks:\n  release:\n    environment: releaseTarball\n";
const failing =
  "version: 1\ntasks:\n  broken:\n    environment: nowhere\n  release:\n    environment: releaseTarball\n";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-adapter-"));
  await writeSigningKey(join(folder, "signing.json"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

let homes = 0;
const project = (files: Readonly<Record<string, string>>, more: Readonly<Record<string, unknown>> = {}) =>
  projectStorage(join(folder, String(homes++)), [alice], more, files);
const own = "--key signing.json --publish store --state state";
/** Answers as the broker reads them. */
async function ask(home: string, request: object | string, ...more: string[]) {
  await writeFile(join(folder, "request"), typeof request === "string" ? request : `${JSON.stringify(request)}\n`);
  const options = { folder, environment: { ASSAY_PASSWORD: "secret", RAD_HOME: home } };
  const { status, stdout, stderr } = await runInShell(
    `assay radicle-adapter ${own} ${more.join(" ")} < request`,
    options,
  );
  const lines = stdout.split("\n");
  expect(lines.pop()).toBe("");
  return { status, answers: lines.map((line) => JSON.parse(line)), stderr };
}
const triggered = { response: "triggered", run_id: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) }, info_url: null };
const finished = (result: string) => ({ response: "finished", result });

describe("assay radicle-adapter", () => {
  it("runs a push, signs and publishes, and says so in two lines", async () => {
    const { storage, commit } = project({ ".assay/tasks.yaml": tasks });
    const { status, answers, stderr } = await ask(storage.home, pushRequest(storage.id, "main", [commit]));
    expect(status).toBe(0);
    expect(answers).toEqual([triggered, finished("success")]);
    expect(stderr).toContain("task succeeded");
    const { envelopes } = await attestationFolder(join(folder, "store")).find({
      algorithm: "gitCommit",
      digest: commit,
    });
    expect(envelopes).toHaveLength(1);
  });

  it("runs a patch of anybody on its newest commit", async () => {
    const { storage, commit } = project({ ".assay/tasks.yaml": tasks });
    const change = storage.work({ ".assay/tasks.yaml": tasks, README: "patched\n" }, [commit]);
    storage.set(bob, `refs/heads/patches/${"d".repeat(40)}`, change);
    storage.sign(bob);
    const { answers } = await ask(storage.home, patchRequest(storage.id, [change, commit]));
    expect(answers).toEqual([triggered, finished("success")]);
    const { envelopes } = await attestationFolder(join(folder, "store")).find({
      algorithm: "gitCommit",
      digest: change,
    });
    expect(envelopes).toHaveLength(1);
  });

  it("has exit status 0 also where a run has failed, and its log says why", async () => {
    const broken = project({ ".assay/tasks.yaml": failing });
    const bare = project({ README: "no tasks\n" });
    const secret = project({ ".assay/tasks.yaml": tasks }, { visibility: { type: "private" } });
    const good = project({ ".assay/tasks.yaml": tasks });
    const stray = good.storage.work({ ".assay/tasks.yaml": tasks, README: "stray\n" });
    const cases = [
      [broken.storage, broken.commit, "nowhere"],
      [bare.storage, bare.commit, "has no file .assay/tasks.yaml"],
      [secret.storage, secret.commit, "is private"],
      [good.storage, stray, "nothing in"],
      [good.storage, "f".repeat(40), "nothing in"],
    ] as const;
    for (const [storage, commit, why] of cases) {
      const { status, answers, stderr } = await ask(storage.home, pushRequest(storage.id, "main", [commit]));
      expect(status).toBe(0);
      expect(answers).toEqual([triggered, finished("failure")]);
      expect(stderr).toContain(why);
    }
    // A task that comes to no result does not keep the next one from its own.
    const { envelopes } = await attestationFolder(join(folder, "store")).find({
      algorithm: "gitCommit",
      digest: broken.commit,
    });
    expect(envelopes).toHaveLength(1);
    const request = pushRequest(good.storage.id, "main", [good.commit]);
    const told = { ...request, repository: { ...request.repository, private: true } };
    expect((await ask(good.storage.home, told)).answers[1]).toEqual(finished("failure"));
    expect(
      (await ask(secret.storage.home, pushRequest(secret.storage.id, "main", [secret.commit]), "--private")).answers[1],
    ).toEqual(finished("success"));
    expect((await ask(good.storage.home, pushRequest(good.storage.id, "other", [good.commit]))).answers[1]).toEqual(
      finished("success"),
    );
    expect(await readdir(join(folder, "state", "runs"))).toEqual([]);
  });

  it("fails a task that takes too long", async () => {
    const { storage, commit } = project({ ".assay/tasks.yaml": tasks, large: "x".repeat(2 ** 24) });
    const { answers, stderr } = await ask(
      storage.home,
      pushRequest(storage.id, "main", [commit]),
      "--max-seconds 0.001",
    );
    expect(answers).toEqual([triggered, finished("failure")]);
    expect(stderr).toContain("it took more than 0.001 s");
  });

  it("removes what a run that was killed has left, a day later", async () => {
    const { storage, commit } = project({ ".assay/tasks.yaml": tasks });
    const runs = join(folder, "state", "runs");
    for (const name of ["task-old", "task-new"]) await mkdir(join(runs, name), { recursive: true });
    await utimes(join(runs, "task-old"), 0, 0);
    expect((await ask(storage.home, pushRequest(storage.id, "main", [commit]))).answers).toEqual([
      triggered,
      finished("success"),
    ]);
    expect(await readdir(runs)).toEqual(["task-new"]);
  });

  it("answers nothing to what is no request, and its log may go to a file", async () => {
    const { storage } = project({ ".assay/tasks.yaml": tasks });
    for (const request of ["", "{}\n", "no JSON\n"]) {
      const { status, answers, stderr } = await ask(storage.home, request, "--log adapter.log");
      expect(status).toBe(2);
      expect(answers).toEqual([]);
      expect(stderr).toContain("the broker's request cannot be used");
    }
    const commit = "f".repeat(40);
    const { stderr } = await ask(
      storage.home,
      pushRequest(storage.id, "main", [commit]),
      "--log adapter.log",
      "--info-url https://example.org/runs",
    );
    expect(stderr).toBe("");
    expect(await readFile(join(folder, "adapter.log"), "utf8")).toContain(commit);
  });

  it("does not wait for the end of its input", async () => {
    const { storage, commit } = project({ ".assay/tasks.yaml": tasks });
    const child = spawn(compiledCommand, ["radicle-adapter", ...own.split(" ")], {
      cwd: folder,
      env: { ...process.env, ASSAY_PASSWORD: "secret", RAD_HOME: storage.home },
      stdio: ["pipe", "pipe", "ignore"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.stdin.write(`${JSON.stringify(pushRequest(storage.id, "main", [commit]))}\n`);
    const [status] = await once(child, "exit");
    expect(status).toBe(0);
    expect(text.trim().split("\n")).toHaveLength(2);
  });
});
