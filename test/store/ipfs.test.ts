import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CarBlockIterator } from "@ipld/car";
import * as dagPb from "@ipld/dag-pb";
import { UnixFS } from "ipfs-unixfs";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import { balanced, trickle } from "ipfs-unixfs-importer/layout";
import { CID } from "multiformats/cid";
import { sha256 } from "multiformats/hashes/sha2";
import { afterEach, describe, expect, it } from "vitest";
import { contentIdOf } from "../../src/store/contentId.ts";
import { cidsPath, ipfsSource } from "../../src/store/ipfsStore.ts";
import type { MirrorFault } from "../../src/store/mirrorHealth.ts";
import { packForIpfs } from "../../src/store/node/ipfsArchive.ts";
import { openStore } from "../../src/store/node/openStore.ts";
import { serveStore } from "../../src/store/node/storeServer.ts";
import { blocksOf, type GatewayBlocks, startGateway } from "../support/ipfsGateway.ts";
import type { TestMirror } from "../support/mirrors.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const small = new TextEncoder().encode("one block");
const large = new Random(seed).fill(new Uint8Array(5_000_001));
const id = contentIdOf(large);

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
async function gateway(blocks: GatewayBlocks): Promise<TestMirror> {
  const started = await startGateway(blocks);
  open.push(started);
  return started;
}
function sourceOf(gateways: readonly TestMirror[], cids: readonly string[]) {
  const faults: MirrorFault[] = [];
  const urls = gateways.map(({ url }) => `ipfs+${url}`);
  return { faults, urls, source: ipfsSource(urls, async () => cids, { onFault: (fault) => faults.push(fault) }) };
}

describe("contents from IPFS, by way of a gateway", () => {
  it("are found by their hash alone where they are one block", async () => {
    const there = await gateway(await blocksOf(small));
    const { source } = sourceOf([there], []);
    expect(await source.get(contentIdOf(small), 100)).toEqual(small);
    expect(await source.has(contentIdOf(small))).toBe(true);
    expect(await source.has(id)).toBe(false);
    await expect(source.get(id, 10_000_000)).rejects.toMatchObject({ code: "store/missing" });
  });

  it.each([
    ["a balanced tree", {}],
    ["few links in each node", { layout: balanced({ maxChildrenPerNode: 3 }) }],
    ["a trickle", { layout: trickle({ maxChildrenPerNode: 4, layerRepeat: 2 }) }],
    ["leaves that are nodes", { rawLeaves: false }],
  ])("are read from the blocks of a file: %s", async (_, options) => {
    const blocks = await blocksOf(large, options);
    expect(blocks.blocks.size).toBeGreaterThan(5);
    const { source, faults } = sourceOf([await gateway(blocks)], [blocks.root.toString()]);
    expect(contentIdOf(await source.get(id, large.length))).toBe(id);
    expect(await source.has(id)).toBe(true);
    expect(faults).toEqual([]);
  });

  it("are larger than the reader takes, which is no fault", async () => {
    const blocks = await blocksOf(large);
    const { source, faults } = sourceOf([await gateway(blocks)], [blocks.root.toString()]);
    await expect(source.get(id, large.length - 1)).rejects.toMatchObject({ code: "store/missing" });
    expect(faults).toEqual([]);
  });

  it("lack a block in the archive, which is asked for by itself", async () => {
    const blocks = await blocksOf(large);
    const whole = await gateway({ root: blocks.root, blocks: new Map(blocks.blocks) });
    const [leaf] = [...blocks.blocks.keys()];
    blocks.blocks.delete(leaf!);
    const partial = await gateway(blocks);
    const { source, urls } = sourceOf([partial, whole], [blocks.root.toString()]);
    expect(contentIdOf(await source.get(id, large.length))).toBe(id);
    expect(partial.requests).toContain(`GET /ipfs/${leaf}?format=raw`);
    expect(urls).toHaveLength(2);
  });

  it("come from the next gateway where one sends a block that is not what its name says, and that one is named", async () => {
    const blocks = await blocksOf(large);
    const honest = await gateway({
      root: blocks.root,
      blocks: new Map([...blocks.blocks].map(([k, v]) => [k, { ...v }])),
    });
    const [first] = [...blocks.blocks.values()];
    first!.bytes = first!.bytes.map((byte, i) => (i === 9 ? byte ^ 1 : byte));
    const { source, faults, urls } = sourceOf([await gateway(blocks), honest], [blocks.root.toString()]);
    expect(contentIdOf(await source.get(id, large.length))).toBe(id);
    expect(faults).toMatchObject([
      { mirror: urls[0], kind: "lied", why: "sent a block that is not what its name says" },
    ]);
  });

  it("are not taken from a CID that leads to something else, and the gateway is not blamed for that", async () => {
    const blocks = await blocksOf(large.slice(1));
    const { source, faults } = sourceOf([await gateway(blocks)], ["nonsense", blocks.root.toString()]);
    await expect(source.get(id, large.length)).rejects.toMatchObject({
      code: "store/missing",
      message: expect.stringContaining("has another file under the CID that was named"),
    });
    expect(faults).toEqual([]);
  });

  it("are not looked for in trees that multiply without end", async () => {
    const blocks: GatewayBlocks["blocks"] = new Map();
    const node = async (children: readonly CID[]) => {
      const data = new UnixFS({ type: "file", blockSizes: children.map(() => 0n) }).marshal();
      const bytes = dagPb.encode(
        dagPb.prepare({ Data: data, Links: children.map((Hash) => ({ Hash, Tsize: 0 })) } as never),
      );
      const cid = CID.createV1(dagPb.code, await sha256.digest(bytes));
      blocks.set(cid.toString(), { cid, bytes });
      return cid;
    };
    let root = await node([]);
    for (let level = 0; level < 12; level++) root = await node(Array.from({ length: 50 }, () => root));
    const { source } = sourceOf([await gateway({ root, blocks })], [root.toString()]);
    await expect(source.get(id, 10_000_000)).rejects.toMatchObject({
      message: expect.stringContaining("a tree of too many blocks"),
    });
  });

  it("are found by the CID that another configured store tells", async () => {
    const folder = await mkdtemp(join(tmpdir(), "assay-cids-"));
    try {
      const blocks = await blocksOf(large);
      await mkdir(join(folder, "cids"));
      await writeFile(join(folder, cidsPath(id)), `${blocks.root}\n`);
      const served = await serveStore({ folder, host: "127.0.0.1", port: 0, fileAt: (path) => join(folder, path) });
      open.push(served);
      const ipfs = { url: `ipfs+${(await gateway(blocks)).url}`, write: false };
      for (const url of [served.url, pathToFileURL(folder).href]) {
        const got = await openStore([{ url, write: false }, ipfs]).get(id, large.length);
        expect(contentIdOf(got), url).toBe(id);
      }
      await expect(openStore([ipfs]).get(id, large.length)).rejects.toMatchObject({ code: "store/missing" });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("an archive for IPFS", () => {
  it.each([0, 1, 2 ** 20, 2 ** 20 + 1, 5_000_001])(
    "of %i bytes has the CID that other programs give the file",
    async (size) => {
      const content = new Random(seed).fill(new Uint8Array(size));
      const chunker = fixedSize({ chunkSize: 2 ** 20 });
      const theirs = await blocksOf(content, { chunker, layout: balanced({ maxChildrenPerNode: 174 }) });
      expect((await packForIpfs(content)).cid).toBe(theirs.root.toString());
    },
  );

  it.each([
    ["one block", small],
    ["a tree", large],
    ["nothing", new Uint8Array()],
  ])("of %s has all of it, and is read back", async (_, content) => {
    const { cid, archive } = await packForIpfs(content);
    const blocks: GatewayBlocks["blocks"] = new Map();
    for await (const block of await CarBlockIterator.fromIterable(archive)) {
      blocks.set(block.cid.toString(), { cid: block.cid as CID, bytes: block.bytes });
    }
    const there = await gateway({ root: CID.parse(cid), blocks });
    const { source } = sourceOf([there], [cid]);
    const got = await source.get(contentIdOf(content), Math.max(1, content.length));
    expect(contentIdOf(got)).toBe(contentIdOf(content));
  });
});
