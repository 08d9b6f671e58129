import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { policyOf } from "../../src/client/policy/policy.ts";
import { parseTaskFile } from "../../src/tasks/taskFile.ts";

/** The blocks of YAML in a page. */
async function blocksIn(page: string): Promise<string[]> {
  return [...(await readFile(page, "utf8")).matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block!);
}

describe("what the pages show", () => {
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
