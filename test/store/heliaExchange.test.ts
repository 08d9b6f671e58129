import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contentIdOf } from "../../src/store/contentId.ts";
import { ipfsSource } from "../../src/store/ipfsStore.ts";
import { packForIpfs } from "../../src/store/node/ipfsArchive.ts";
import type { ContentSource } from "../../src/store/store.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

/**
 * Helia is not part of this project: some 300 MB of packages come with it. ASSAY_HELIA is a folder in which somebody has installed it
 * (`npm install helia`).
 */
const installed = process.env.ASSAY_HELIA ?? "";
const random = new Random(seed);
const large = random.fill(new Uint8Array(5_000_001));
const small = random.fill(new Uint8Array(1000));

describe.skipIf(!existsSync(join(installed, "node_modules/helia")))("two nodes of Helia", () => {
  const processes: ChildProcess[] = [];
  let folder: string;
  const cids = new Map<string, string>();
  let gateway: string;
  const start = async (...args: string[]): Promise<{ gateway: string; peers: string[] }> => {
    const child = spawn(process.execPath, [join(folder, "heliaGateway.mjs"), ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    processes.push(child);
    const [line] = await once(createInterface(child.stdout!), "line");
    return JSON.parse(line);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "assay-helia-"));
    copyFileSync("docs/examples/heliaGateway.mjs", join(folder, "heliaGateway.mjs"));
    symlinkSync(join(installed, "node_modules"), join(folder, "node_modules"));
    const archives: string[] = [];
    for (const [i, bytes] of [large, small].entries()) {
      const { cid, archive } = await packForIpfs(bytes);
      cids.set(contentIdOf(bytes), cid);
      archives.push(join(folder, `${i}.car`));
      await writeFile(archives[i]!, archive);
    }
    const holder = await start(...archives.flatMap((file) => ["--car", file]));
    const reader = await start("--peer", holder.peers[0]!, "--seconds", "2");
    ({ gateway } = reader);
  }, 120_000);
  afterAll(() => {
    for (const child of processes) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const source: Pick<ContentSource, "get"> = {
    get: async (id, most) => await ipfsSource([gateway], async (each) => [cids.get(each) ?? []].flat()).get(id, most),
  };

  it("exchange contents that are packed here, of one block and of several", async () => {
    expect(contentIdOf(await source.get(contentIdOf(large), large.length))).toBe(contentIdOf(large));
    expect(await source.get(contentIdOf(small), 1000)).toEqual(small);
  });

  it("do not bring what none of them has", async () => {
    const missing = contentIdOf(random.fill(new Uint8Array(10)));
    await expect(source.get(missing, 100)).rejects.toMatchObject({ code: "store/missing" });
  });
});
