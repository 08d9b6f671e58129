import { join } from "node:path";
import { type RootContents, unpackDebian } from "./rootImage.ts";
import { buildTcc } from "./tcc.ts";

const triplet = "riscv64-linux-musl";

/** The small root file system: tcc with musl. */
export const smallContents: RootContents = {
  whole: [],
  parts: ["musl", "musl-dev", "tcc"],
  async add(tree, files, folder) {
    const musl = await folder("musl");
    for (const name of ["musl", "musl-dev"]) await unpackDebian(files[name]!, musl);
    const tcc = await buildTcc(files.tcc!, await folder("compiler"));
    await tree.addFile("usr/bin/tcc", tcc.compiler, 0o755);
    await tree.addTree("usr/lib/tcc/include", tcc.includeFolder);
    for (const [name, file] of Object.entries(tcc.libraries)) await tree.addFile(`usr/lib/tcc/${name}`, file);
    await tree.addTree(`usr/include/${triplet}`, join(musl, `usr/include/${triplet}`));
    await tree.addTree(`usr/lib/${triplet}`, join(musl, `usr/lib/${triplet}`));
    await tree.addFile(`usr/lib/${triplet}/libc.so`, join(musl, `usr/lib/${triplet}/libc.so`), 0o755);
    await tree.addLink("usr/lib/ld-musl-riscv64.so.1", `${triplet}/libc.so`);
  },
  ownFiles: ["smallImage.ts", "tcc.ts", "tccFixes.ts", "start.c", "runtime.c", "tccConfig.h"],
};
