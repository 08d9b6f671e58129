import type { EnvironmentLock } from "../lock.ts";
import { RootTree } from "../rootTree.ts";
import { unpackDebian } from "./debianTree.ts";
import { debianPlaces, fetchDebian, fetchNpm } from "./downloads.ts";
import { compileGo } from "./goLibrary.ts";
import { unpackNpm } from "./npmTree.ts";
import { compilePython } from "./pythonCode.ts";
import type { Spool } from "./spool.ts";
import { configure, mergeUsr } from "./steps.ts";

/** The tree of an environment of Debian packages, and variables for every command. */
export async function debianRoot(
  lock: EnvironmentLock,
  folder: string,
  spool: Spool,
  say: (text: string) => void,
): Promise<{ readonly tree: RootTree; readonly variables: string }> {
  const { debian, npm, from } = lock;
  const places = await debianPlaces(lock.snapshot);
  const of = (verb: string) => (done: number) => say(`${verb} ${done} of ${debian.length} packages`);
  const files = await fetchDebian(debian, places, folder, of("fetched"));
  const tarballs = await fetchNpm(npm, folder);
  const tree = new RootTree();
  mergeUsr(tree);
  const leftOut = from.kind === "debian" ? from.leftOut : [];
  const controls = await unpackDebian(tree, debian, files, leftOut, spool, of("unpacked"));
  await unpackNpm(tree, npm, tarballs, spool);
  await configure(tree, debian, controls);
  say("compiling Python");
  await compilePython(tree, await spool.folder("python"));
  say("compiling Go's standard library, where there is Go: some minutes");
  return { tree, variables: await compileGo(tree, await spool.folder("go"), spool) };
}
