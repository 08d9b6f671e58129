import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nixTree } from "../../../src/guest/images/node/nixTree.ts";
import { Spool } from "../../../src/guest/images/node/spool.ts";
import { type NixNode, type NixPath, nixExport, nixNumber } from "../../support/nixExport.ts";
import { treeText } from "../../support/treeText.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-nix-"));
});
afterAll(() => rm(folder, { recursive: true }));

const storePath = (name: string) => `/nix/store/${name[0]!.repeat(32)}-${name}`;
const glibc = storePath("glibc");
const bash = storePath("bash");
const text = (text: string, executable = false): NixNode => ({ kind: "file", text, executable });
const inFolder = (...entries: readonly (readonly [string, NixNode])[]): NixNode => ({ kind: "folder", entries });

const closure: readonly NixPath[] = [
  { path: glibc, references: [glibc], content: inFolder(["lib", inFolder(["libc.so", text("c")])]) },
  {
    path: bash,
    references: [glibc, bash],
    content: inFolder(["bin", inFolder(["bash", text("shell", true)], ["sh", { kind: "link", target: "bash" }])]),
  },
];

async function read(bytes: Buffer) {
  const file = join(folder, "closure");
  await writeFile(file, bytes);
  const spool = await Spool.create(join(folder, "spool"), 2 ** 20);
  try {
    const { tree, variables } = await nixTree(file, spool);
    return { lines: await treeText(tree), variables };
  } finally {
    await spool.close();
  }
}

describe("a closure of Nix", () => {
  it("is a tree with its programs in PATH and a shell where builds look for one", async () => {
    const { lines, variables } = await read(nixExport(closure));
    const [store, other] = [bash.slice(1), glibc.slice(1)];
    expect(lines).toEqual([
      ...["755 bin/", `bin/sh -> ${bash}/bin/sh`, "755 nix/", "755 nix/store/"],
      ...[`755 ${store}/`, `755 ${store}/bin/`, `755 ${store}/bin/bash shell`, `${store}/bin/sh -> bash`],
      ...[`755 ${other}/`, `755 ${other}/lib/`, `644 ${other}/lib/libc.so c`],
    ]);
    expect(variables).toBe(`PATH=${bash}/bin:/usr/bin:/bin\n`);
  });

  it("holds files of more than one part", async () => {
    const large = "0123456789abcdef".repeat(2 ** 15);
    const { lines } = await read(nixExport([{ path: glibc, content: text(large) }]));
    expect(lines.at(-1)).toBe(`644 ${glibc.slice(1)} ${large}`);
  });

  const single = (content: NixNode, path = glibc): Buffer => nixExport([{ path, content }]);
  it.each<[string, RegExp, Buffer]>([
    ["lacks what it needs", /no closure: it needs \/nix\/store\/g+-glibc/, nixExport(closure.slice(1))],
    ["has a path outside of the store", /no path of a store/, single(text("x"), "/etc/passwd")],
    ["has a path that climbs", /no path of a store/, single(text("x"), `${glibc}/../../../etc`)],
    ["has a path twice", /comes twice/, nixExport([closure[0]!, closure[0]!])],
    ["has an entry that climbs", /entry named "\.\."/, single(inFolder(["..", text("x")]))],
    ["has an entry with a slash", /entry named/, single(inFolder(["a/b", text("x")]))],
    ["has entries out of order", /entry named "a"/, single(inFolder(["b", text("x")], ["a", text("x")]))],
    ["has an entry twice", /entry named "a"/, single(inFolder(["a", text("x")], ["a", text("x")]))],
    ["ends too early", /ends too early/, nixExport(closure).subarray(0, 400)],
    ["goes on", /follows its end/, Buffer.concat([nixExport(closure), nixNumber(0)])],
    [
      "is something else",
      /too large|expected|ends too early|stands where/,
      Buffer.concat([nixNumber(1), Buffer.alloc(64, 1)]),
    ],
    ["has more than fits", /exceed 1048576 bytes/, single(text("x".repeat(2 ** 20 + 1)))],
  ])("is refused where it %s", async (_, why, bytes) => {
    await expect(read(bytes)).rejects.toThrow(why);
  });
});
