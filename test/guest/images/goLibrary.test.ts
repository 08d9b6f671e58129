import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compileGo, withoutTime } from "../../../src/guest/images/node/goLibrary.ts";
import { Spool } from "../../../src/guest/images/node/spool.ts";
import { RootTree, textFile } from "../../../src/guest/images/rootTree.ts";

it("forgets when an entry of Go's cache was made, and nothing else of it", () => {
  const [action, output] = ["ab".repeat(32), "cd".repeat(32)];
  const entry = (time: string) => `v1 ${action} ${output} ${"38".padStart(20)} ${time.padStart(20)}\n`;
  expect(withoutTime(entry("1796078163153331623"))).toBe(entry("0"));
  expect(withoutTime(entry("12345678901234567890"))).toBe(entry("0"));
});

it("does nothing where there is no Go", async () => {
  const folder = await mkdtemp(join(tmpdir(), "assay-go-"));
  const spool = await Spool.create(join(folder, "contents"), 1000);
  try {
    const tree = new RootTree();
    tree.put("usr/lib/go-fonts", textFile("no compiler"));
    const work = await spool.folder("go");
    expect(await compileGo(tree, work, spool)).toBe("");
    expect(await readdir(work)).toEqual([]);
  } finally {
    await spool.close();
    await rm(folder, { recursive: true, force: true });
  }
});
