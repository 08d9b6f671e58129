import { chmod, link, mkdir, mkdtemp, readFile, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readErofs } from "../../../src/erofs/read.ts";
import { buildRoot } from "../../../src/guest/images/node/buildEnvironment.ts";
import { folderTree } from "../../../src/guest/images/node/folderTree.ts";
import { Spool } from "../../../src/guest/images/node/spool.ts";
import { imageFile } from "../../../src/guest/node/environmentCache.ts";
import { treeText } from "../../support/treeText.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-root-"));
});
afterAll(() => rm(folder, { recursive: true }));

const kit = new Map([["init", new TextEncoder().encode("the first process")]]);

/** The beginning of a program for riscv64. */
function program(machine = 243): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.write("\x7fELF\x02\x01\x01", "latin1");
  bytes.writeUInt16LE(machine, 18);
  return bytes;
}

/** A small root in a folder of this host. */
async function makeRoot(place: string, time: number): Promise<void> {
  await mkdir(join(place, "usr/bin"), { recursive: true });
  await symlink("usr/bin", join(place, "bin"));
  for (const [name, content] of [
    ["dash", program()],
    ["large", Buffer.alloc(10_000, 7)],
  ] as const) {
    await writeFile(join(place, "usr/bin", name), content);
    await chmod(join(place, "usr/bin", name), 0o755);
  }
  await symlink("dash", join(place, "usr/bin/sh"));
  await link(join(place, "usr/bin/large"), join(place, "usr/bin/same"));
  await writeFile(Buffer.concat([Buffer.from(place), Buffer.from("/n\xe4me", "latin1")]), "x");
  await chmod(Buffer.concat([Buffer.from(place), Buffer.from("/n\xe4me", "latin1")]), 0o600);
  for (const name of ["usr/bin", "usr"]) await chmod(join(place, name), 0o755);
  await utimes(join(place, "usr/bin/dash"), time, time);
}

async function build(place: string): Promise<{ sha256: string; image: Buffer }> {
  const cache = await mkdtemp(join(folder, "cache-"));
  const makeTree = async (spool: Spool) => ({ tree: await folderTree(place, spool), variables: "A=1\n" });
  const sha256 = await buildRoot(makeTree, { folder: cache, kit, say: () => {} });
  return { sha256, image: await readFile(imageFile(cache, `0x${sha256}`)) };
}

describe("a root file system from a folder", () => {
  it("has the same bytes from another folder, at another time, under another umask", async () => {
    await makeRoot(join(folder, "one"), 1);
    const one = await build(join(folder, "one"));
    const umask = process.umask(0o077);
    try {
      await makeRoot(join(folder, "elsewhere"), 1_700_000_000);
      const other = await build(join(folder, "elsewhere"));
      expect(other.sha256).toBe(one.sha256);
    } finally {
      process.umask(umask);
    }
    const entries = readErofs(one.image).entries.map(({ path }) => Buffer.from(path as string).toString());
    expect(entries).toContain(".assay/init");
    expect(entries).toContain(".assay/environment");
    expect(entries).toContain("proc");
  });

  it("needs a shell, and one for this machine", async () => {
    const place = join(folder, "shell");
    await mkdir(join(place, "bin"), { recursive: true });
    await expect(build(place)).rejects.toThrow(/"bin\/sh" is not a program/);
    await writeFile(join(place, "bin/sh"), program(62), { mode: 0o755 });
    await expect(build(place)).rejects.toThrow(/for another machine/);
    await writeFile(join(place, "bin/sh"), program());
    expect((await build(place)).image.length).toBeGreaterThan(4096);
  });

  it("keeps names, modes, links and hard links as they are", async () => {
    await makeRoot(join(folder, "text"), 1);
    const spool = await Spool.create(join(folder, "spool"), 2 ** 20);
    const tree = await folderTree(join(folder, "text"), spool);
    const large = Buffer.alloc(10_000, 7).toString("latin1");
    expect(await treeText(tree)).toEqual([
      ...[
        "bin -> usr/bin",
        "600 n\xe4me x",
        "755 usr/",
        "755 usr/bin/",
        `755 usr/bin/dash ${program().toString("latin1")}`,
      ],
      ...[`755 usr/bin/large ${large}`, `755 usr/bin/same ${large}`, "usr/bin/sh -> dash"],
    ]);
    expect(tree.get("usr/bin/large")).toBe(tree.get("usr/bin/same"));
    await spool.close();
  });

  it("is refused where it is none, or holds more than an image can", async () => {
    const spool = await Spool.create(join(folder, "spool"), 2 ** 20);
    await expect(folderTree(join(folder, "absent"), spool)).rejects.toThrow(/is no folder/);
    await mkdir(join(folder, "sparse"));
    await writeFile(join(folder, "sparse/huge"), "");
    await truncate(join(folder, "sparse/huge"), 2 ** 40);
    await expect(folderTree(join(folder, "sparse"), spool)).rejects.toThrow(/"huge" .*exceed/);
    await spool.close();
  });
});
