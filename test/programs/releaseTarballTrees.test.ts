import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { readProgram } from "../../src/programs/node/readProgram.ts";
import { releaseTarball } from "../../src/programs/releaseTarball/manifest.ts";
import { encodeDrive } from "../../src/source/drive.ts";
import type { SourceTree } from "../../src/source/source.ts";
import { directoriesOf, randomTree } from "../support/randomTree.ts";
import { readTarball, runNatively, type TarEntry } from "../support/runNatively.ts";
import { seed } from "../support/seed.ts";

let binary: Uint8Array;
beforeAll(async () => {
  binary = await readProgram(releaseTarball);
});

const modes = { file: 0o644, executable: 0o755, symlink: 0o777 } as const;
const owner = [0, 0, "", ""];

/** What the archive of a tree must hold, in its order. */
function expected(tree: SourceTree): TarEntry[] {
  const none = new Uint8Array();
  const directories = [...directoriesOf(tree)].map((path) => ({ path, type: "directory", mode: 0o755, content: none }));
  const files = tree.entries.map(({ path, kind, content }) => ({
    path: `${tree.name}/${path}`,
    type: kind === "symlink" ? "symlink" : "file",
    mode: modes[kind],
    ...(kind === "symlink" ? { target: new TextDecoder().decode(content) } : {}),
    content: kind === "symlink" ? none : content,
  }));
  return [...directories, ...files]
    .map((entry) => ({ ...entry, owner, time: tree.time }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/** tar-stream takes the slash off directories that a pax record names; nothing else tells them from files. */
function withSlash(entries: TarEntry[]): TarEntry[] {
  return entries.map((entry) =>
    entry.type === "directory" && !entry.path.endsWith("/") ? { ...entry, path: `${entry.path}/` } : entry,
  );
}

describe("release tarball of any tree", () => {
  it("holds exactly the tree, sorted bytewise, with owner 0 and one time", async () => {
    await fc.assert(
      fc.asyncProperty(randomTree, async (tree) => {
        const { record, artifact } = runNatively(releaseTarball, binary, encodeDrive(tree));
        expect(record.exitCode).toBe(0);
        expect(record.artifactSha256).toBe(`0x${createHash("sha256").update(artifact).digest("hex")}`);
        expect(withSlash(await readTarball(artifact))).toEqual(expected(tree));
      }),
      { seed, numRuns: 150 },
    );
  });

  it("does not depend on the order in which the tree is listed", () => {
    fc.assert(
      fc.property(randomTree, (tree) => {
        expect(encodeDrive({ ...tree, entries: tree.entries.toReversed() })).toEqual(encodeDrive(tree));
      }),
      { seed, numRuns: 100 },
    );
  });
});
