import { gccContents } from "./gccImage.ts";
import { buildKernel, kernelInputs } from "./kernel.ts";
import { debianPackageOf, type Lock } from "./lock.ts";
import { fetchDebian } from "./packages.ts";
import { rootImage } from "./rootImage.ts";
import { smallContents } from "./smallImage.ts";

/** How to make one image: what decides its bytes, and the way from packages to a file in a work folder. */
export interface Recipe {
  /** Names of pinned packages. */
  readonly debian: readonly string[];
  readonly npm: readonly string[];
  readonly inputs: () => Promise<readonly string[]>;
  readonly make: (lock: Lock, work: string) => Promise<string>;
}

const kernelSource = "linux-source-6.12";

export const recipes = {
  kernel: {
    debian: [kernelSource],
    npm: [],
    inputs: kernelInputs,
    make: async (lock, work) => buildKernel(await fetchDebian(debianPackageOf(lock, kernelSource)), work),
  },
  small: rootImage("small", smallContents),
  gcc: rootImage("gcc", gccContents),
} as const satisfies Readonly<Record<string, Recipe>>;

export type RecipeName = keyof typeof recipes;
