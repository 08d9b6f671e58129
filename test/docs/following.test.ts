import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { policyOf } from "../../src/client/policy/policy.ts";
import { contentFile } from "../../src/store/node/directoryStore.ts";
import { parseTaskFile } from "../../src/tasks/taskFile.ts";
import { createRepository } from "../support/gitRepository.ts";
import { writeSigningKey } from "../support/signingKeyFile.ts";
import { runAssay, runInShell } from "../support/spawned.ts";

/** The blocks of YAML in a page. */
async function blocksIn(page: string): Promise<string[]> {
  return [...(await readFile(page, "utf8")).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block!);
}

describe("what the pages show", () => {
  it("docs/following.md: its commands do what it says, one after the other", async () => {
    const folder = await mkdtemp(join(tmpdir(), "assay-following-"));
    try {
      const project = createRepository(join(folder, "project"));
      project.git("clone", "-q", "--bare", project.path, join(folder, "forge.git"));
      project.git("remote", "add", "origin", join(folder, "forge.git"));
      project.write(".assay/tasks.yaml", "version: 1\ntasks: { bundle: { environment: releaseTarball } }\n");
      project.commit();
      project.git("push", "-q", "origin", "main");
      const lines = (await readFile("docs/following.md", "utf8"))
        .replace(/^```.*?^```$/gms, "")
        .split("\n")
        // Those about Radicle need its node.
        .filter((line) => line.startsWith("    ") && !/\brad(icle)?\b/.test(line))
        .map((line) => line.trim().replace("git+https://example.org/project.git", `git+file://${folder}/forge.git`));
      expect(lines.length).toBeGreaterThan(8);
      const policy = ["version: 1", "keys: { me: KEY }", "require: { builders: { least: 1, of: [me] } }"].join("\\n");
      const script = [
        ...["set -e", "unset ASSAY_PASSWORD"],
        ...lines.map((line) => (line.startsWith("assay follow ") ? `${line} --once` : line)),
      ].join("\n");
      const writePolicy = `printf '${policy}\\n' | sed "s/KEY/$(assay key show signing.json)/" >policy.yaml`;
      const { status, stdout, stderr } = await runInShell(
        script.replace("assay check .", `${writePolicy}\nassay check .`),
        { folder: project.path },
      );
      expect(status, stderr).toBe(0);
      expect(stdout).toMatch(/task succeeded.*in the notes +1\n.*1 results.*accepted\.\n$/s);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.each(["README.md", "docs/following.md"])("%s: its tasks are taken", async (page) => {
    const [block] = await blocksIn(page);
    expect(parseTaskFile(block!).map(({ name }) => name)).toContain("release");
  });

  it("README.md: with its five lines a tag is built and signed, and its one line takes the artifact", async () => {
    const [tasks] = await blocksIn("README.md");
    const check = (await readFile("README.md", "utf8")).match(/^```sh\n(assay check .*)\n```$/m)![1]!;
    const [, artifact, policy] = /^assay check (\S+) --policy (\S+)$/.exec(check)!;
    expect(tasks!.trim().split("\n")).toHaveLength(5);
    const folder = await mkdtemp(join(tmpdir(), "assay-readme-"));
    try {
      const project = createRepository(join(folder, "project"));
      project.write(".assay/tasks.yaml", tasks!);
      const commit = project.commit();
      project.git("tag", "v1.2");
      const place = { folder, environment: { ASSAY_PASSWORD: "secret" } };
      const keyId = await writeSigningKey(join(folder, "signing.json"));
      const sign = ["--key", "signing.json", "--publish", "store", "--state", "state", "--once"];
      const followed = await runAssay(["follow", `git+file://${project.path}`, ...sign], place);
      const lines = followed.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      const done = lines.filter(({ msg }) => msg === "task succeeded");
      expect(done).toMatchObject([{ task: "release", commit }]);
      await copyFile(contentFile(join(folder, "store"), `sha256:${done[0].artifact}`), join(folder, artifact!));
      const require = { builders: { least: 1, of: ["builder"] } };
      const keys = { builder: keyId };
      await writeFile(join(folder, policy!), stringify({ version: 1, keys, require, from: ["file:./store"] }));
      expect((await runInShell(check, place)).status).toBe(0);
      await appendFile(join(folder, artifact!), "x");
      expect((await runInShell(check, place)).status).toBe(3);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("docs/following.md: its jobs run the script that is in the package", async () => {
    const [, forge, gitlab] = (await blocksIn("docs/following.md")).map((block) => parse(block));
    const { files } = JSON.parse(await readFile("package.json", "utf8"));
    expect(files).toContain("scripts/ci");
    const script = "bash node_modules/assay/scripts/ci/assay.sh";
    expect([forge.jobs.assay.steps[1].run, gitlab.assay.script[0]]).toEqual([script, script]);
    const text = await readFile("scripts/ci/assay.sh", "utf8");
    for (const name of Object.keys(forge.jobs.assay.steps[1].env)) expect(text).toContain(`#   ${name} `);
  });

  it("docs/policy.md: its policy is taken", async () => {
    const [block, independent] = await blocksIn("docs/policy.md");
    const policy = parse(block!);
    expect(policyOf(policy, "policy.yaml").keys).toHaveProperty("alice");
    expect(policyOf({ ...policy, ...parse(independent!) }, "policy.yaml").require).toMatchObject({
      builders: { independent: true },
    });
  });
});
