import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imageFile, manifestFile } from "../../src/guest/node/environmentCache.ts";
import { runAssay } from "../support/spawned.ts";
import { keepEnvironment, type ToyEnvironment, toyEnvironment } from "../support/toyEnvironment.ts";

let folder: string;
let toy: ToyEnvironment;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-guest-"));
  toy = await toyEnvironment();
  await keepEnvironment(join(folder, "one", "assay"), toy);
  const address = `0x${"11".repeat(20)}`;
  const settings = {
    rpc: "http://127.0.0.1:1",
    chainId: 31337,
    assay: address,
    stores: [{ url: "file:./store", write: true }],
    state: "./state",
  };
  await writeFile(join(folder, "assay.yaml"), JSON.stringify(settings));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs `assay env` with a cache of this name. */
async function guest(cache: string, ...args: readonly string[]) {
  const environment = { XDG_CACHE_HOME: join(folder, cache) };
  return await runAssay(["guest", ...args], { folder, environment });
}
async function json(cache: string, ...args: readonly string[]) {
  const { stdout, status } = await guest(cache, ...args, "--json");
  return { status, data: stdout === "" ? undefined : JSON.parse(stdout) };
}

describe("assay env", () => {
  it("lists what is there and how complete it is", async () => {
    expect((await guest("none", "list")).stdout).toMatch(/^no environments: .*assay env import <file>/);
    const { data } = await json("one", "list");
    expect(data).toMatchObject([{ name: "toy", id: toy.manifest.id, ramSize: 32 * 2 ** 20, usable: true, faults: [] }]);
    expect((await guest("one", "list")).stdout).toMatch(/^toy +0x[0-9a-f]{64} +32 MiB +0\.3 MB +0\.1 MB +complete$/m);

    const damaged = join(folder, "damaged", "assay");
    await keepEnvironment(damaged, toy);
    await writeFile(manifestFile(damaged, "broken"), "{");
    await writeFile(imageFile(damaged, toy.manifest.images.kernel.sha256), "short");
    await rm(imageFile(damaged, toy.manifest.images.root.sha256));
    const states = (await guest("damaged", "list")).stdout;
    expect(states).toMatch(/^broken +its manifest cannot be read$/m);
    expect(states).toMatch(/kernel other size, root missing$/m);
  });

  it("verifies an environment, and exits with 5 for a changed image and 1 for a missing one", async () => {
    expect(await guest("one", "verify", "toy")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(toy.manifest.id),
    });
    const changed = join(folder, "changed", "assay");
    await keepEnvironment(changed, { ...toy, images: { ...toy.images, root: Buffer.alloc(16 * 4096) } });
    expect(await guest("changed", "verify", "toy")).toMatchObject({
      status: 5,
      stderr: expect.stringContaining("guest/bad-image"),
    });
    expect(await guest("one", "verify", "absent")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("assay env import <file>"),
    });
  });

  it("moves an environment from one cache to another, by file and by store", async () => {
    const exported = await json("one", "export", "toy", "--to", "toy.tar.gz", "--store");
    const { id, bytes, storeId } = exported.data;
    expect(id).toBe(toy.manifest.id);
    expect((await readFile(join(folder, "toy.tar.gz"))).length).toBe(bytes);
    expect((await json("two", "import", "toy.tar.gz", "--id", id)).data).toEqual({ name: "toy", id, wasThere: false });
    expect((await json("two", "import", storeId)).data).toEqual({ name: "toy", id, wasThere: true });
    expect((await json("three", "import", storeId)).data).toEqual({ name: "toy", id, wasThere: false });
    expect((await json("three", "verify", "toy")).status).toBe(0);
    expect(await readdir(join(folder, "three", "assay", "work"))).toEqual([]);
  });

  it("says what is wrong with what it is asked to take or to write, and keeps nothing", async () => {
    await guest("one", "export", "toy", "--to", "whole.tar.gz");
    await writeFile(join(folder, "cut.tar.gz"), (await readFile(join(folder, "whole.tar.gz"))).subarray(0, 200_000));
    const cases = [
      [["import", "cut.tar.gz"], 1, /cut off.*guest\/bad-archive/],
      [["import", "whole.tar.gz", "--id", `0x${"00".repeat(32)}`], 5, /get another file/],
      [["import", "absent.tar.gz"], 2, /name a file that "assay env export" wrote/],
      [["import", `sha256:${"00".repeat(32)}`], 1, /store\/missing/],
      [["export", "toy"], 2, /--to <file>, --store/],
      [["build", "large"], 2, /say what it is made of: --packages/],
    ] as const;
    const outcomes = await Promise.all(cases.map(([args]) => guest("empty", ...args)));
    for (const [i, [, status, text]] of cases.entries()) {
      expect(outcomes[i]).toMatchObject({ status, stdout: "", stderr: expect.stringMatching(text) });
    }
    expect((await guest("empty", "list")).stdout).toMatch(/^no environments/);
  });
});
