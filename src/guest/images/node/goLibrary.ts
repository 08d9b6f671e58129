/**
 * Go's standard library, compiled by the image's own Go under qemu into a cache as the go command has it, so that builds take it from
 * there. What the cache names its contents by are hashes of compiler version and sources: neither places nor times get into it.
 */
import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { bytesContent, type Content, type RootTree } from "../rootTree.ts";
import type { Spool } from "./spool.ts";
import { runTool } from "./tools.ts";
import { writeTree } from "./treeOnDisk.ts";

const cache = "var/cache/go-build";
/**
 * 2100, in seconds since 1970. The go command deletes what nobody has used for days, and marks what it uses with the time if that is
 * an hour later than the last one.
 */
const lastUse = 4_102_444_800;

/** A cache's folders, which have to be there. */
const folders = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));

/**
 * @param work an empty folder, of which files stay in use until the image is written.
 * @returns variables for every command, as lines `NAME=value`; none where there is no Go.
 */
export async function compileGo(tree: RootTree, work: string, spool: Spool): Promise<string> {
  const lib = tree.resolve("usr/lib");
  const names = lib?.kind === "folder" ? [...lib.entries.keys()] : [];
  const go = names.find((name) => /^go-\d+\.\d+$/.test(name));
  if (go === undefined || tree.resolve(`usr/lib/${go}/bin/go`) === undefined) return "";
  await writeTree(tree, work, (path) => /^usr\/(lib|share)\/go-/.test(path));
  const [home, made] = [join(work, "home"), join(work, "cache")];
  await mkdir(home);
  const goRoot = join(work, "usr/lib", go);
  const env = {
    HOME: home,
    GOROOT: goRoot,
    GOCACHE: made,
    // The go command's index of packages has their files' times in it.
    GODEBUG: "goindex=0",
    ...{ GOTOOLCHAIN: "local", GOENV: "off", GOFLAGS: "", GOOS: "linux", GOARCH: "riscv64", CGO_ENABLED: "0" },
  };
  await runTool("qemu-riscv64", [join(goRoot, "bin/go"), "build", "-toolexec", "qemu-riscv64", "std"], { env });
  // Anybody may build.
  tree.putFolder(cache, 0o1777);
  for (const folder of folders) {
    tree.putFolder(`${cache}/${folder}`, 0o777);
    for (const name of (await readdir(join(made, folder))).sort()) {
      const content = await contentOf(join(made, folder, name), spool);
      tree.put(`${cache}/${folder}/${name}`, { kind: "file", mode: 0o644, time: lastUse, content });
    }
  }
  return `GOCACHE=/${cache}\n`;
}

/** What a file of the cache holds. */
async function contentOf(file: string, spool: Spool): Promise<Content> {
  if (!file.endsWith("-a")) return await spool.keep(file, (await stat(file)).size, createReadStream(file));
  return bytesContent(Buffer.from(withoutTime(await readFile(file, "latin1")), "latin1"));
}

/** An entry of the cache (`-a`) as if it had been made in 1970: the time stands at its end, in 20 columns, and is of no use. */
export function withoutTime(entry: string): string {
  return entry.replace(/ {1,}\d+\n$/, (time) => `${"0".padStart(time.length - 1)}\n`);
}
