import { existsSync } from "node:fs";
import { inProgress } from "./progress.ts";
import { Refusal, refusalStatus } from "./refusal.ts";
import { run } from "./run.ts";

/** Debian packages of the host that the kernel and the images are made with. */
const needed = [
  ...["gcc-riscv64-linux-gnu", "libc6-dev-riscv64-cross", "gcc", "libc6-dev", "make"],
  ...["bc", "bison", "flex", "libssl-dev", "libelf-dev", "xz-utils", "bzip2"],
];

/** Those whose versions can show in the images. */
const decisive = [
  ...[
    "gcc-12-riscv64-linux-gnu",
    "binutils-riscv64-linux-gnu",
    "libc6-dev-riscv64-cross",
    "libgcc-12-dev-riscv64-cross",
  ],
];

/** Installs what is missing (root or sudo) and returns the versions that decide the images' bytes. */
export async function prepareToolchain(): Promise<Record<string, string>> {
  if (!existsSync("/usr/bin/apt-get") || !existsSync("/usr/bin/dpkg-query")) {
    throw new Refusal(
      "a guest can only be built on Debian (12 for the same bytes): elsewhere, import an environment that somebody built: " +
        '"assay env import <file>"',
      refusalStatus.otherHost,
    );
  }
  const versions = await installedVersions([...needed, ...decisive]);
  const missing = needed.filter((name) => !versions.has(name));
  if (missing.length > 0) {
    const root = asRoot(missing, process.getuid?.(), existsSync("/usr/bin/sudo"));
    const apt = async (...args: string[]) => {
      const [program, ...rest] = [...root, "apt-get", ...args];
      await run(program!, rest, { env: { DEBIAN_FRONTEND: "noninteractive" } });
    };
    await inProgress("toolchain", `installing ${missing.join(", ")}`, async () => {
      await apt("update");
      await apt("install", "--yes", "--no-install-recommends", ...missing);
    });
  }
  return decisiveVersions();
}

/** What `apt-get` is put behind to install packages. */
export function asRoot(missing: readonly string[], user: number | undefined, hasSudo: boolean): readonly string[] {
  if (user === 0) return [];
  if (hasSudo) return ["sudo"];
  throw new Refusal(
    `packages are missing, and there is neither root nor sudo to install them: ${missing.join(" ")}. Ask an administrator, or ` +
      'import an environment that somebody built: "assay env import <file>"',
    refusalStatus.otherHost,
  );
}

/** Versions of the packages that can show in the images, as far as they are installed. */
export async function decisiveVersions(): Promise<Record<string, string>> {
  const now = await installedVersions(decisive);
  return Object.fromEntries(decisive.filter((name) => now.has(name)).map((name) => [name, now.get(name)!]));
}

async function installedVersions(names: readonly string[]): Promise<Map<string, string>> {
  const fields = ["db:Status-Status", "Package", "Version"].map((field) => `$\{${field}}`).join(" ");
  const listed = await run("dpkg-query", ["-W", "-f", `${fields}\\n`]);
  const versions = new Map<string, string>();
  for (const line of listed.split("\n")) {
    const [status, name, version] = line.split(" ");
    if (status === "installed" && names.includes(name!)) versions.set(name!, version!);
  }
  return versions;
}
