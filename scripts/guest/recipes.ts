import { buildKernel, kernelInputs } from "./kernel.ts";
import { debianPackageOf, type Lock, npmPackageOf } from "./lock.ts";
import { fetchDebian, fetchNpm } from "./packages.ts";
import { buildSmallImage, smallImageInputs } from "./smallImage.ts";

/** How to make one image: what decides its bytes, and the way from packages to a file in a work folder. */
export interface Recipe {
  readonly inputs: () => Promise<readonly string[]>;
  readonly make: (lock: Lock, work: string) => Promise<string>;
}

const kernelSource = "linux-source-6.12";
export const recipes: Readonly<Record<string, Recipe>> = {
  kernel: {
    inputs: kernelInputs,
    make: async (lock, work) => buildKernel(await fetchDebian(debianPackageOf(lock, kernelSource)), work),
  },
  small: {
    inputs: smallImageInputs,
    make: async (lock, work) =>
      buildSmallImage(
        {
          busybox: await fetchDebian(debianPackageOf(lock, "busybox-static")),
          musl: await fetchDebian(debianPackageOf(lock, "musl")),
          muslDev: await fetchDebian(debianPackageOf(lock, "musl-dev")),
          tcc: await fetchDebian(debianPackageOf(lock, "tcc")),
          esbuild: await fetchNpm(npmPackageOf(lock, "@esbuild/linux-riscv64")),
        },
        work,
      ),
  },
};
