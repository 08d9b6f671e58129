import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readErofs } from "../../src/erofs/read.ts";
import { planSourceImage } from "../../src/source/image.ts";
import { readSource } from "../../src/source/node/readSource.ts";
import { createRepository } from "../support/gitRepository.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const mib = 2 ** 20;
/** One file of 64 MiB, which is read in parts, and 64 of 1.5 MiB. */
const size = 160 * mib;
let folder: string;
let repository: string;
let directory: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-large-"));
  const { path, git } = createRepository(join(folder, "repository"));
  repository = path;
  const block = new Random(seed).fill(new Uint8Array(mib));
  for (let i = 0; i < 64; i++) appendFileSync(join(path, "large"), block);
  mkdirSync(join(path, "many"));
  for (let i = 0; i < 64; i++) {
    block[0] = i;
    writeFileSync(join(path, `many/${i}`), Buffer.concat([block, block.subarray(mib / 2)]));
  }
  git("-c", "core.compression=0", "add", "--all");
  git("commit", "--quiet", "--message=text");
  directory = join(folder, "directory");
  git("worktree", "add", "--quiet", directory);
  rmSync(join(directory, ".git"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const encodeDeferred = (tree: Parameters<typeof planSourceImage>[0], capacity: number) =>
  planSourceImage(tree, {}, capacity).encode();
const read = (location: string) => readSource(location, { capacity: 256 * mib, encodeDeferred });

describe("a large source", () => {
  it("is the same from a repository and a directory", async () => {
    const { drive } = await read(repository);
    const { entries } = readErofs(drive, { exact: true });
    const large = entries.find(({ path }) => path === "large");
    expect(
      large?.kind === "file" && Buffer.compare(large.content as Uint8Array, readFileSync(join(repository, "large"))),
    ).toBe(0);
    // But for the time.
    const other = await read(directory);
    expect(other.drive.length).toBe(drive.length);
    expect(Buffer.compare(other.drive.subarray(4096, 150 * mib), drive.subarray(4096, 150 * mib))).toBe(0);
  });

  it.skipIf(process.platform !== "linux").each(["repository", "directory"])(
    "is encoded in less memory than twice its size: %s",
    (which) => {
      const script = `
        import { readFileSync } from "node:fs";
        const { readSource } = await import("./src/source/node/readSource.ts");
        const { planSourceImage } = await import("./src/source/image.ts");
        const memory = (line) => 1024 * Number(new RegExp(line + ":\\\\s+(\\\\d+)").exec(readFileSync("/proc/self/status", "utf8"))[1]);
        const before = memory("VmRSS");
        const encodeDeferred = (tree, capacity) => planSourceImage(tree, {}, capacity).encode();
        await readSource(process.argv[1], { capacity: ${256 * mib}, encodeDeferred });
        console.log(memory("VmHWM") - before);`;
      const place = which === "repository" ? repository : directory;
      const args = ["--import", "tsx", "--input-type=module", "--eval", script, place];
      const peak = Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
      expect(peak).toBeGreaterThan(size);
      expect(peak).toBeLessThan(2 * size);
    },
  );
});
