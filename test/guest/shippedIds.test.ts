import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseLock } from "../../src/guest/images/lock.ts";
import { currentManifest } from "../support/guestCache.ts";
import { pinnedImageFiles } from "../support/guestRun.ts";

const root = new URL("../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");

describe("the ids of environments in the README", () => {
  it.each(["c", "node", "python", "go", "rust"])("%s: is that of its lock", (name) => {
    const lock = parseLock(readFileSync(new URL(`environments/${name}.json`, root), "utf8"), name);
    expect(lock.root).toBeDefined();
    expect(readme).toContain(`| \`${lock.id}\` |`);
  });

  it.runIf(pinnedImageFiles("small"))("small: follows from its images", async () => {
    expect(readme).toContain(`| \`${(await currentManifest("small")).id}\` |`);
  });
});
