import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { policyOf } from "../../src/client/policy/policy.ts";
import { parseTaskFile } from "../../src/tasks/taskFile.ts";
import { createRepository } from "../support/gitRepository.ts";
import { runInShell } from "../support/spawned.ts";

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
    const [block] = await blocksIn("docs/policy.md");
    expect(policyOf(parse(block!), "policy.yaml").keys).toHaveProperty("alice");
  });
});
