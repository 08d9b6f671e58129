import { spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { mirrorSource } from "../../src/store/mirrors.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { FileSpace } from "../../src/store/node/fileSpace.ts";
import { type Figure, median } from "../figure.ts";

/** Of the root image with gcc. */
const imageBytes = 148_000_000;
const rounds = 7;

/**
 * An image from `assay store serve` in a process of its own, over loopback: into memory, as inputs are read, and into a file, as
 * `assay env import` reads images. Both are checked by their sha256; the figure is the slower one.
 */
export async function store(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "assay-bench-store-"));
  const assay = fileURLToPath(new URL("../../bin/assay", import.meta.url));
  const id = await directoryStore(folder).put(randomFillSync(new Uint8Array(imageBytes)));
  const server = spawn(assay, ["store", "serve", "--folder", folder, "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
    const source = mirrorSource([(JSON.parse(line) as { url: string }).url]);
    const ways = {
      memory: async () => void (await source.get(id, imageBytes)),
      file: async () => await toFile(source, join(folder, "image")),
    };
    const toFile = async (from: typeof source, file: string) => {
      await rm(file, { force: true });
      const space = await FileSpace.open(file);
      await from.bring!(id, imageBytes, space.draft);
      await space.close();
    };
    // The server hashes its file before it first gives it out.
    await ways.memory();
    const speeds: number[] = [];
    for (const [name, fetch] of Object.entries(ways)) {
      const seconds: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const from = performance.now();
        await fetch();
        seconds.push((performance.now() - from) / 1000);
      }
      speeds.push(imageBytes / 1e6 / median(seconds));
      console.log(`into ${name === "file" ? "a file" : "memory"}: ${speeds.at(-1)!.toFixed(0)} MB/s`);
    }
    const value = Math.min(...speeds);
    return [{ name: "store.verifyMegabytesPerSecond", value, unit: "MB/s", target: 150, better: "higher" }];
  } finally {
    server.kill();
    await rm(folder, { recursive: true, force: true });
  }
}
