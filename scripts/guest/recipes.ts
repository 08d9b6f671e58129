import { buildGccImage, gccImageInputs, gccPackages } from "./gccImage.ts";
import { buildKernel, kernelInputs } from "./kernel.ts";
import { debianPackageOf, type Lock, npmPackageOf } from "./lock.ts";
import { fetchDebian, fetchNpm } from "./packages.ts";
import { buildSmallImage, smallImageInputs } from "./smallImage.ts";

/** How to make one image: what decides its bytes, and the way from packages to a file in a work folder. */
export interface Recipe {
  /** Names of pinned packages. */
  readonly debian: readonly string[];
  readonly npm: readonly string[];
  readonly inputs: () => Promise<readonly string[]>;
  readonly make: (lock: Lock, work: string) => Promise<string>;
}

const kernelSource = "linux-source-6.12";
const esbuild = "@esbuild/linux-riscv64";

export const recipes = {
  kernel: {
    debian: [kernelSource],
    npm: [],
    inputs: kernelInputs,
    make: async (lock, work) => buildKernel(await debian(lock, kernelSource), work),
  },
  small: {
    debian: ["busybox-static", "musl", "musl-dev", "tcc"],
    npm: [esbuild],
    inputs: smallImageInputs,
    make: async (lock, work) => {
      const packages = {
        busybox: await debian(lock, "busybox-static"),
        musl: await debian(lock, "musl"),
        muslDev: await debian(lock, "musl-dev"),
        tcc: await debian(lock, "tcc"),
        esbuild: await fetchNpm(npmPackageOf(lock, esbuild)),
      };
      return buildSmallImage(packages, work);
    },
  },
  gcc: {
    debian: ["busybox-static", ...gccPackages],
    npm: [esbuild],
    inputs: gccImageInputs,
    make: async (lock, work) => {
      const files: string[] = [];
      for (const name of gccPackages) files.push(await debian(lock, name));
      const packages = {
        debian: files,
        busybox: await debian(lock, "busybox-static"),
        esbuild: await fetchNpm(npmPackageOf(lock, esbuild)),
      };
      return buildGccImage(packages, work);
    },
  },
} as const satisfies Readonly<Record<string, Recipe>>;

export type RecipeName = keyof typeof recipes;

function debian(lock: Lock, name: string): Promise<string> {
  return fetchDebian(debianPackageOf(lock, name));
}
