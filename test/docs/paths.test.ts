import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (page: string) => readFileSync(new URL(page, root), "utf8");

describe("docs/architecture.md and docs/changing.md", () => {
  it.each(["docs/architecture.md", "docs/changing.md"])("%s names files and folders that exist", (page) => {
    const named = [...read(page).matchAll(/`((?:src|contracts|test|scripts|docs|deploy|bench)\/[^`\s:]*)`/g)].map(
      ([, path]) => path!,
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !path.includes("<") && !existsSync(new URL(path, root)))).toEqual([]);
  });

  it("have a line for every folder of src", () => {
    const folders = readdirSync(new URL("src", root), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "types")
      .map(({ name }) => name);
    const page = read("docs/architecture.md");
    expect(folders.filter((name) => !page.includes(`| \`src/${name}/\` |`))).toEqual([]);
  });
});
