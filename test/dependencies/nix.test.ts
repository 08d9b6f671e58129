import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { LayerEntry } from "../../src/dependencies/entry.ts";
import { imageOf } from "../../src/dependencies/image.ts";
import { unpackNar } from "../../src/dependencies/nar.ts";
import { narHash } from "../../src/dependencies/nix.ts";
import { decompressWithProgram } from "../../src/dependencies/node/decompress.ts";
import { extractErofs, hasErofsTools } from "../support/erofsTools.ts";
import { startLocalRegistry } from "../support/localRegistry.ts";
import { lockedLayer } from "../support/lockedProject.ts";
import { type NarNode, narOf } from "../support/narArchive.ts";

const hash = "0c5b8vw40dy178xlpddw65q9gf1h2186jcc3p4swinwggbllv8mk";
const own = "/nix/store/00000000000000000000000000000000-hello-1.0";
const tree: NarNode = new Map<string, NarNode>([
  ["bin", new Map<string, NarNode>([["hello", { run: "#!/bin/sh\necho hello\n" }]])],
  ["empty", new Map()],
  ["lib", { link: "/nix/store/other/lib" }],
  ["share", new Map([["text", "words"]])],
]);
const nar = narOf(tree);
const sriOf = (bytes: Buffer) => `sha256-${createHash("sha256").update(bytes).digest("base64")}`;

async function bytesOf(layer: readonly LayerEntry[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of imageOf(layer).chunks()) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

async function layerOfClosure(
  place: string,
  packed: Buffer,
  closure: unknown = { [own]: { narHash: sriOf(nar), narSize: 1 } },
) {
  await using cache = await startLocalRegistry(
    new Map<string, Buffer | string>([
      [`/${"0".repeat(32)}.narinfo`, `StorePath: ${own}\nURL: ${place}\nCompression: whatever\n`],
      [`/${place}`, packed],
    ]),
  );
  return await lockedLayer({ "nix-closure.json": JSON.stringify(closure) }, { nix: cache.url });
}

describe("the store paths of a Nix closure", () => {
  it.each<[string, Buffer]>([
    ["nar/hello.nar", nar],
    ["nar/hello.nar.gz", gzipSync(nar)],
    ...(spawnSync("xz", ["--version"]).status === 0
      ? [["nar/hello.nar.xz", execFileSync("xz", ["-c"], { input: nar })] as [string, Buffer]]
      : []),
  ])("are where they belong, from %s", async (place, packed) => {
    const { layer, entries } = await layerOfClosure(place, packed);
    expect(entries).toMatchObject([{ name: "hello-1.0", size: nar.length, urls: [] }]);
    if (hasErofsTools)
      expect(extractErofs(await bytesOf(layer)).map((each) => each.path)).toContain(`${own.slice(1)}/empty`);
    const shown = await Promise.all(
      layer.map(async ({ path, kind, content }) => {
        return [path, kind, Buffer.from(content instanceof Uint8Array ? content : await content.read()).toString()];
      }),
    );
    expect(shown.filter(([path]) => path!.startsWith("nix"))).toEqual([
      [`${own.slice(1)}/bin/hello`, "executable", "#!/bin/sh\necho hello\n"],
      [`${own.slice(1)}/empty`, "directory", ""],
      [`${own.slice(1)}/lib`, "symlink", "/nix/store/other/lib"],
      [`${own.slice(1)}/share/text`, "file", "words"],
    ]);
  });

  it("are refused where a cache has something else, in whatever way", async () => {
    const other = narOf("other");
    await expect(layerOfClosure("a.nar", other)).rejects.toMatchObject({ code: "dependencies/other-content" });
    await expect(layerOfClosure("a.nar.gz", nar)).rejects.toMatchObject({ code: "dependencies/bad-archive" });
    await expect(layerOfClosure("a.nar.bz2", nar)).rejects.toMatchObject({ code: "dependencies/bad-archive" });
    const away = layerOfClosure("http://127.0.0.2:1/a.nar", nar);
    await expect(away).rejects.toMatchObject({ code: "dependencies/bad-address" });
  });

  it.each([
    ["a path that is none", { "/nix/store/../../etc": { narHash: sriOf(nar) } }],
    ["no sha256", { [own]: { narHash: "sha1-AAAA" } }],
    ["nothing", null],
  ])("are refused in a list that has %s", async (_, closure) => {
    const refusal = layerOfClosure("a.nar", nar, closure);
    await expect(refusal).rejects.toMatchObject({ code: "dependencies/bad-lock" });
  });

  it("have their hashes in each of Nix's spellings", () => {
    // Of Nix's manual: the sha256 of the empty text.
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect(narHash("sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73")).toBe(empty);
    expect(narHash(`sha256:${empty}`)).toBe(empty);
    expect(narHash("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")).toBe(empty);
    expect(narHash(`sha256:z${hash.slice(1)}`)).toBeUndefined();
  });
});

describe("a Nix archive", () => {
  const deep = (depth: number): NarNode => (depth === 0 ? "" : new Map([["a", deep(depth - 1)]]));
  it.each<[string, Buffer, RegExp]>([
    ["climbs out", narOf(new Map([["..", "x"]])), /holds the name/],
    ["holds a path for a name", narOf(new Map([["a/b", "x"]])), /holds the name/],
    [
      "has names that are not in order",
      narOf(
        new Map([
          ["b", "x"],
          ["a", "x"],
        ]),
      ),
      /not in order/,
    ],
    ["is cut off", nar.subarray(0, nar.length - 8), /cut off|damaged/],
    ["goes on behind its end", Buffer.concat([nar, Buffer.alloc(8)]), /behind its end/],
    ["says to be longer than it is", Buffer.concat([nar.subarray(0, 24), Buffer.alloc(8, 0xff)]), /cut off/],
    ["has a link to nowhere", narOf({ link: "" }), /link to nowhere/],
    ["is deeper than anything is", narOf(deep(300)), /folders within each other/],
    ["is something else", Buffer.from("words"), /damaged|cut off/],
  ])("that %s is refused", (_, bytes, why) => {
    expect(() => unpackNar("it", bytes)).toThrow(why);
  });

  it.runIf(spawnSync("xz", ["--version"]).status === 0)("is refused where it is no xz", async () => {
    const refusal = decompressWithProgram("it", "xz", Buffer.from("words"));
    await expect(refusal).rejects.toMatchObject({ code: "dependencies/bad-archive" });
  });
});
