import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeImage } from "../../src/guest/images/node/buildEnvironment.ts";
import { debianPlaces, fetchDebian } from "../../src/guest/images/node/downloads.ts";
import { readInitKit } from "../../src/guest/images/node/initKit.ts";
import type { Spool } from "../../src/guest/images/node/spool.ts";
import { folder } from "./cache.ts";
import { buildInitKit, initFiles } from "./initKit.ts";
import { buildKernel, kernelInputs } from "./kernel.ts";
import { debianPackageOf, type Lock } from "./lock.ts";
import { smallFiles, smallPackages, smallRoot } from "./smallRoot.ts";

/** How to make one image: what decides its bytes, and the way from packages to a file in a work folder. */
export interface Recipe {
  /** Names of pinned packages. */
  readonly debian: readonly string[];
  readonly npm: readonly string[];
  readonly inputs: () => Promise<readonly string[]>;
  readonly make: (lock: Lock, work: string) => Promise<string>;
}

const kernelSource = "linux-source-6.12";
const textOf = async (file: string) => await readFile(new URL(file, import.meta.url), "utf8");

export const recipes = {
  kernel: {
    debian: [kernelSource],
    npm: [],
    inputs: kernelInputs,
    make: async (lock, work) => {
      const [source] = await fetchDebian([debianPackageOf(lock, kernelSource)], await debianPlaces(undefined), folder);
      return await buildKernel(source!, work);
    },
  },
  small: {
    ...smallPackages,
    inputs: async () => await Promise.all([...smallFiles, ...(await initFiles())].map(textOf)),
    make: async (lock, work) => {
      await buildInitKit();
      const file = join(work, "small.erofs");
      const makeTree = async (spool: Spool) => ({ tree: await smallRoot(lock, spool) });
      await makeImage(makeTree, await readInitKit(), { work, file, say: () => {} });
      return file;
    },
  },
} as const satisfies Readonly<Record<string, Recipe>>;

export type RecipeName = keyof typeof recipes;
