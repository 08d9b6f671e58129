import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ociLayout } from "../../../src/guest/images/node/ociLayout.ts";
import { ociTree } from "../../../src/guest/images/node/ociTree.ts";
import { Spool } from "../../../src/guest/images/node/spool.ts";
import { type LayerEntry, type LayoutOptions, layerOf, writeLayout } from "../../support/ociLayout.ts";
import { treeText } from "../../support/treeText.ts";

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-oci-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(layers: readonly (readonly LayerEntry[] | Buffer)[], options: LayoutOptions = {}, limit = 2 ** 20) {
  const place = join(folder, `layout-${++count}`);
  await writeLayout(place, layers, options);
  const spool = await Spool.create(join(folder, `spool-${count}`), limit);
  try {
    const { tree, variables } = await ociTree(place, spool);
    return { lines: await treeText(tree), variables };
  } finally {
    await spool.close();
  }
}

const directory = (name: string, mode = 0o755): LayerEntry => ({ name, type: "directory", mode });
const file = (name: string, text: string, mode = 0o644): LayerEntry => ({ name, text, mode });
const link = (name: string, linkname: string): LayerEntry => ({ name, type: "symlink", linkname });
const hard = (name: string, linkname: string): LayerEntry => ({ name, type: "link", linkname });

describe("layers of an OCI image", () => {
  it("lie over each other, and take away what they say", async () => {
    const below = [
      directory("a/"),
      file("a/kept", "1"),
      file("a/gone", "2"),
      directory("b/"),
      file("b/old", "3"),
      file("c", "4"),
    ];
    const above = [
      file("a/.wh.gone", ""),
      file("b/new", "5"),
      file("b/.wh..wh..opq", ""),
      file("c", "6"),
      file(".wh.nothing", ""),
    ];
    const { lines } = await read([below, above]);
    expect(lines).toEqual(["755 a/", "644 a/kept 1", "755 b/", "644 b/new 5", "644 c 6"]);
  });

  it("take away nothing of their own, in whatever order", async () => {
    const below = [directory("d/"), file("d/x", "old"), directory("d/e/"), file("d/e/old", "")];
    const again = [
      file("d/x", "new"),
      directory("d/e/"),
      file("d/e/new", "1"),
      file("d/.wh.x", ""),
      file("d/.wh..wh..opq", ""),
    ];
    expect((await read([below, again])).lines).toEqual(["755 d/", "755 d/e/", "644 d/e/new 1", "644 d/x new"]);
    expect((await read([below, [...again].reverse()])).lines).toEqual([
      "755 d/",
      "755 d/e/",
      "644 d/e/new 1",
      "644 d/x new",
    ]);
  });

  it("replace files by folders, and folders by files and links", async () => {
    const below = [file("f", "1"), directory("g/"), file("g/inside", "2"), directory("h/"), file("h/inside", "3")];
    const above = [directory("f/"), file("f/inside", "4"), file("g", "5"), link("h", "f")];
    expect((await read([below, above])).lines).toEqual(["755 f/", "644 f/inside 4", "644 g 5", "h -> f"]);
  });

  it.each(["", "+gzip", "+zstd"] as const)("may be packed as tar%s", async (compression) => {
    expect((await read([[file("x", "text")]], { compression })).lines).toEqual(["644 x text"]);
  });

  it("keep setuid bits and hard links, and leave out devices and pipes", async () => {
    const entries: LayerEntry[] = [
      ...[
        file("su", "s", 0o4755),
        hard("also-su", "su"),
        { name: "null", type: "character-device", devmajor: 1 } as const,
      ],
      ...[{ name: "disk", type: "block-device" } as const, { name: "pipe", type: "fifo" } as const],
    ];
    expect((await read([entries])).lines).toEqual(["4755 also-su s", "4755 su s"]);
  });

  it("write through links of the image inside it only", async () => {
    const { lines } = await read([
      [link("lib", "/usr/lib"), link("up", "../../.."), file("lib/a", "1"), file("up/b", "2")],
    ]);
    expect(lines).toEqual([
      "644 b 2",
      "lib -> /usr/lib",
      "up -> ../../..",
      "755 usr/",
      "755 usr/lib/",
      "644 usr/lib/a 1",
    ]);
  });

  it("give their variables to the environment", async () => {
    const { variables } = await read([[file("x", "")]], { env: ["PATH=/opt/bin:/bin", "EMPTY="], workingDir: "/app" });
    expect(variables).toBe("PATH=/opt/bin:/bin\nEMPTY=\nIMAGE_WORKDIR=/app\n");
    await expect(read([[file("x", "")]], { env: ["A=1\nB=2"] })).rejects.toThrow(/"A=1\\nB=2" cannot be one/);
  });

  it("are read from a tar archive too, of which nothing else gets onto the disk", async () => {
    const place = join(folder, "whole");
    await writeLayout(place, [[file("x", "text")]]);
    const blobs = join(place, "blobs", "sha256");
    const entries: LayerEntry[] = [file("index.json", await readFile(join(place, "index.json"), "utf8"))];
    for (const name of await readdir(blobs)) {
      // Bytes as they are: the text of an entry is written as it is given.
      entries.push({ name: `./blobs/sha256/${name}`, text: (await readFile(join(blobs, name))) as unknown as string });
    }
    const archive = join(folder, "whole.tar");
    await writeFile(
      archive,
      await layerOf([file("../../outside", "x"), link("blobs/sha256/evil", "/etc"), ...entries]),
    );
    const spool = await Spool.create(join(await mkdtemp(join(folder, "unpacked-")), "contents"), 2 ** 20);
    const layout = await ociLayout(archive, spool);
    expect(await treeText((await ociTree(layout, spool)).tree)).toEqual(["644 x text"]);
    expect((await readdir(layout)).sort()).toEqual(["blobs", "index.json"]);
    await spool.close();
  });
});

describe("an OCI image that lies", () => {
  const one = [[file("x", "text")]];
  const flip = (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === 12 ? byte ^ 1 : byte)));

  it.each<[string, RegExp, LayoutOptions]>([
    [
      "a layer with other bytes",
      /cannot be read|has sha256:/,
      { compression: "", change: (b, [l]) => void b.set(l!, flip(b.get(l!)!)) },
    ],
    ["a layer that is cut", /has \d+ bytes, not/, { change: (b, [l]) => void b.set(l!, b.get(l!)!.subarray(1)) }],
    ["a layer that is not there", /is not in it/, { change: (b, [l]) => void b.delete(l!) }],
    ["another machine", /for linux on amd64, not linux on riscv64/, { architecture: "amd64" }],
    [
      "a layer that unpacks to something else than its configuration says",
      /has sha256:.*, not sha256:0000/,
      {
        lie: (v, kind) => kind === "config" && Object.assign(v, { rootfs: { diff_ids: [`sha256:${"0".repeat(64)}`] } }),
      },
    ],
    [
      "another number of layers",
      /lists 0 layers, its manifest 1/,
      { lie: (v, kind) => kind === "config" && Object.assign(v, { rootfs: { diff_ids: [] } }) },
    ],
    [
      "a digest that climbs",
      /digest/,
      { lie: (v, kind) => kind === "manifest" && Object.assign(v, { config: { digest: "sha256:../../x", size: 1 } }) },
    ],
    ["no image at all", /manifests/, { lie: (v, kind) => kind === "index" && Object.assign(v, { manifests: [] }) }],
  ])("is refused: %s", async (_, text, options) => {
    await expect(read(one, options)).rejects.toThrow(text);
  });

  it.each<[string, RegExp, readonly LayerEntry[]]>([
    ["a path that climbs", /climbs with/, [file("a/../../x", "")]],
    ["a hard link that climbs", /climbs with/, [hard("x", "../../../etc/passwd")]],
    ["a hard link to nothing", /is not there/, [hard("x", "/etc/passwd")]],
    ["a hard link to a folder", /to the folder/, [directory("d/"), hard("x", "d")]],
    ["links in a circle", /in a circle/, [link("a", "b"), link("b", "a"), file("a/x", "")]],
    ["a file in a file", /not a folder/, [file("f", ""), file("f/x", "")]],
    ["a name that is too long", /more than 255 bytes/, [file("n".repeat(256), "")]],
    [
      "more than fits",
      /all files together exceed 1048576 bytes/,
      [file("big", "x".repeat(2 ** 20)), file("more", "y")],
    ],
  ])("is refused: %s", async (_, text, entries) => {
    await expect(read([entries])).rejects.toThrow(text);
  });

  it("is refused where it says of a small file that it is huge", async () => {
    const layer = await layerOf([file("bomb", "x")]);
    layer.write("77777777777\0", 124, "latin1");
    let sum = 8 * 32;
    for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += layer[i]!;
    layer.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    await expect(read([layer])).rejects.toThrow(/"bomb" .*exceed 1048576 bytes/);
  });
});
