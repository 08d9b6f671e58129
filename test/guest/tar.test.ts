import { Readable } from "node:stream";
import fc from "fast-check";
import { extract } from "tar-stream";
import { describe, expect, it } from "vitest";
import { encodeTar } from "../../src/guest/tar.ts";
import { compareBytes } from "../../src/source/checkTree.ts";
import { randomTree } from "../support/randomTree.ts";
import { seed } from "../support/seed.ts";

/** The archive as another implementation reads it. */
async function read(archive: Uint8Array) {
  const entries: { path: string; kind: string; content: string; mode: number; time: number; owner: string }[] = [];
  const reader = extract();
  Readable.from([Buffer.from(archive)]).pipe(reader);
  for await (const entry of reader) {
    const { name, type, linkname, mode, mtime, uid, gid, uname, gname } = entry.header;
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    entries.push({
      path: name,
      kind: type === "symlink" ? "symlink" : mode === 0o755 ? "executable" : "file",
      content: type === "symlink" ? Buffer.from(linkname!).toString("hex") : Buffer.concat(chunks).toString("hex"),
      mode: mode!,
      time: mtime!.getTime() / 1000,
      owner: `${uid}:${gid}:${uname}:${gname}`,
    });
  }
  return entries;
}

describe("source archive", () => {
  it("holds every entry as it was, sorted, with one time and one owner", async () => {
    await fc.assert(
      fc.asyncProperty(randomTree, async (tree) => {
        const entries = await read(encodeTar(tree));
        const expected = tree.entries
          .map(({ path, kind, content }) => ({ path, kind, content: Buffer.from(content).toString("hex") }))
          .sort((a, b) => compareBytes(Buffer.from(a.path), Buffer.from(b.path)));
        expect(entries.map(({ path, kind, content }) => ({ path, kind, content }))).toEqual(expected);
        for (const { mode, time, owner } of entries) {
          expect([0o644, 0o755, 0o777]).toContain(mode);
          expect([time, owner]).toEqual([tree.time, "0:0:root:root"]);
        }
      }),
      { seed, numRuns: 150 },
    );
  });

  it("does not depend on the order of the entries", () => {
    fc.assert(
      fc.property(randomTree, (tree) => {
        const reversed = { ...tree, entries: [...tree.entries].reverse() };
        expect(encodeTar(reversed)).toEqual(encodeTar(tree));
      }),
      { seed, numRuns: 50 },
    );
  });

  it("carries paths and targets beyond a header's fields", async () => {
    const path = `${"p".repeat(99)}/${"q".repeat(200)}`;
    const target = `${"p".repeat(99)}/${"q".repeat(200)}`;
    const content = (text: string) => new TextEncoder().encode(text);
    const entries = await read(
      encodeTar({
        name: "source",
        time: 8 ** 11 - 1,
        entries: [
          { path, kind: "executable", content: content("x".repeat(513)) },
          { path: "link", kind: "symlink", content: content(target) },
        ],
      }),
    );
    expect(entries.map((entry) => [entry.path, entry.content.length])).toEqual([
      ["link", 2 * target.length],
      [path, 2 * 513],
    ]);
  });
});
