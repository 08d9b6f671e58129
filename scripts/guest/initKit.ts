import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../src/core/node/makeFolder.ts";
import { packageFiles } from "../../src/core/node/packageFiles.ts";
import { debianPackageOf, readLock } from "./lock.ts";
import { fetchDebian } from "./packages.ts";
import { run } from "./run.ts";

const commands = [
  "cat",
  "date",
  "dd",
  "head",
  "mkdir",
  "mount",
  "od",
  "poweroff",
  "printf",
  "stat",
  "tail",
  "tar",
  "tr",
];

/** Writes the guest's first process, with the busybox that it is a script of, where images take it from. */
export async function buildInitKit(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "assay-init-"));
  try {
    await run("dpkg-deb", ["-x", await fetchDebian(debianPackageOf(readLock(), "busybox-static")), work]);
    const busybox = await readFile(join(work, "usr/bin/busybox"));
    const script = await readFile(new URL("init", import.meta.url), "utf8");
    const own = commands.map((name) => `${name}() { /.assay/busybox ${name} "$@"; }\n`).join("");
    const debian = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    const text = script
      .replace("#!/bin/sh\n", `#!/.assay/busybox sh\n${own}`)
      .replace("export PATH=/usr/bin\n", `export PATH=${debian}\n`)
      .replace("exec sh -c", "exec /bin/sh -c");
    makeFolder(new URL(".", packageFiles.guest).pathname);
    for (const [name, bytes] of [
      ["init", text],
      ["busybox", busybox],
    ] as const) {
      const file = new URL(name, packageFiles.guest);
      await writeFile(file, bytes);
      await chmod(file, 0o755);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
