import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledCommand } from "../../scripts/compiledPackage.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";
import { writeSigningKey } from "../support/signingKeyFile.ts";
import { runAssay, runProgram } from "../support/spawned.ts";

const script = fileURLToPath(new URL("../../scripts/ci/assay.sh", import.meta.url));
let folder: string;
let project: GitRepository;
let commit: string;
let key: { text: string; id: string };
const secrets = () => ({ ASSAY_SIGNING_KEY: key.text, ASSAY_PASSWORD: "secret" });
const github = () => ({
  ...{ GITHUB_ACTIONS: "true", GITHUB_SHA: commit, GITHUB_SERVER_URL: "https://forge.example" },
  GITHUB_REPOSITORY: "owner/project",
});
const job = async (environment: Readonly<Record<string, string>>) =>
  await runProgram("bash", [script], {
    folder: project.path,
    // Another forge's variables may be those of the machine on which this test runs.
    environment: {
      GITLAB_CI: "",
      GITHUB_ACTIONS: "",
      GITEA_ACTIONS: "",
      FORGEJO_ACTIONS: "",
      ASSAY: compiledCommand,
      ...environment,
    },
  });
const verify = async () =>
  await runAssay(["attest", "verify", "assay-results/results.intoto.jsonl", "--key", key.id, "--json"], {
    folder: project.path,
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-ci-"));
  createRepository(join(folder, "forge.git"), "--bare");
  project = createRepository(join(folder, "project"));
  project.git("remote", "add", "origin", join(folder, "forge.git"));
  project.write(".gitignore", "assay-results\n");
  project.write(".assay/tasks.yaml", "version: 1\ntasks: { release: { environment: releaseTarball } }\n");
  commit = project.commit();
  const id = await writeSigningKey(join(folder, "signing.json"));
  key = { id, text: await readFile(join(folder, "signing.json"), "utf8") };
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("the step of a forge's job", () => {
  it.each<[string, () => Readonly<Record<string, string>>]>([
    ["GitHub", github],
    [
      "GitLab",
      () => ({ GITLAB_CI: "true", CI_COMMIT_SHA: commit, CI_PROJECT_URL: "https://forge.example/owner/project" }),
    ],
    ["Forgejo", () => ({ ...github(), GITHUB_ACTIONS: "", FORGEJO_ACTIONS: "true" })],
  ])("signs and publishes what the commit's tasks come to: %s", async (_, environment) => {
    await rm(join(project.path, "assay-results"), { recursive: true, force: true });
    const { status, stderr } = await job({ ...environment(), ...secrets() });
    expect(status, stderr).toBe(0);
    const { found } = JSON.parse((await verify()).stdout);
    expect(found).toMatchObject([{ signers: [key.id], result: { source: { digest: { gitCommit: commit } } } }]);
    expect(found[0].result.source.uri).toBe("git+https://forge.example/owner/project.git");
    await writeFile(
      join(folder, "policy.yaml"),
      `version: 1\nkeys: { ci: "${key.id}" }\nrequire: { builders: { least: 1, of: [ci] } }\nfrom: ["file:./project/assay-results"]\n`,
    );
    const checked = await runAssay(["check", "project", "--policy", "policy.yaml"], { folder });
    expect(checked.status, checked.stdout).toBe(0);
  });

  it("adds the results to the commit's notes, and pushes them", async () => {
    const { status, stderr } = await job({ ...github(), ...secrets(), ASSAY_NOTES: "1" });
    expect(status, stderr).toBe(0);
    const forge = ["--git-dir", join(folder, "forge.git"), "notes", "--ref=assay", "show", commit];
    const { stdout } = await runProgram("git", forge, { folder });
    expect(JSON.parse(stdout).signatures).toMatchObject([{ keyid: key.id }]);
  });

  it("runs without secrets, as for a fork, and says that nothing is signed", async () => {
    await rm(join(project.path, "assay-results"), { recursive: true, force: true });
    const { status, stderr } = await job({ ...github(), ASSAY_TASKS: "release" });
    expect(status).toBe(0);
    expect(stderr).toContain("nothing is signed");
    expect((await verify()).status).toBe(2);
  });

  it.each<[string, () => Readonly<Record<string, string>>, RegExp]>([
    ["outside of a forge", () => ({}), /not a job of GitHub/],
    ["without a commit", () => ({ ...github(), GITHUB_SHA: "main" }), /names no commit/],
    ["without a repository", () => ({ ...github(), GITHUB_SERVER_URL: "" }), /names no repository/],
    ["for a task that there is not", () => ({ ...github(), ASSAY_TASKS: "nope" }), /there is no task nope/],
    ["with a wrong password", () => ({ ...github(), ...secrets(), ASSAY_PASSWORD: "no" }), /cannot be opened/],
  ])("ends with status 2 %s", async (_, environment, why) => {
    const { status, stderr } = await job(environment());
    expect(stderr).toMatch(why);
    expect(status).toBe(2);
  });
});
