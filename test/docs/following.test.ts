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

  it("docs/policy.md: its policy is taken", async () => {
    const [block] = await blocksIn("docs/policy.md");
    expect(policyOf(parse(block!), "policy.yaml").keys).toHaveProperty("alice");
  });
});
