/** A closure of Nix, as `nix-store --export` writes it, as a tree with its programs in PATH. */

import { AssayError } from "../../../core/errors.ts";
import { badTree, RootTree } from "../rootTree.ts";
import { ByteFile } from "./byteFile.ts";
import type { Spool } from "./spool.ts";

const maxWordBytes = 4096;
const maxReferences = 2 ** 16;
const maxDepth = 512;
const partBytes = 2 ** 18;
const exportMagic = 0x4558494e;
const storePath = /^\/nix\/store\/[0-9a-z]{32}-[A-Za-z0-9+._?=-]{1,211}$/;

/**
 * @param file the output of `nix-store --export $(nix-store -qR <paths>)`; the wanted paths come last.
 * @throws AssayError `guest/bad-tree`
 */
export async function nixTree(file: string, spool: Spool): Promise<{ tree: RootTree; variables: string }> {
  const input = await ByteFile.open(file).catch((cause) => {
    throw bad(`${file} cannot be read`, cause);
  });
  const tree = new RootTree();
  const paths: string[] = [];
  const references = new Set<string>();
  try {
    const reader = new Reader(input, tree, spool);
    while ((await reader.number()) === 1) {
      // The path of what is read now comes behind it.
      const folder = `nix/store/${paths.length}`;
      await reader.archive(folder);
      if ((await reader.number()) !== exportMagic) throw bad("an archive in it is not followed by what Nix says of it");
      const path = await reader.word();
      if (!storePath.test(path) || paths.includes(path))
        throw bad(`${JSON.stringify(path)} is no path of a store, or comes twice`);
      const count = await reader.number();
      if (count > maxReferences) throw bad(`${path} has ${count} references`);
      for (let i = 0; i < count; i++) references.add(await reader.word());
      await reader.word();
      if ((await reader.number()) !== 0) await reader.word();
      const { folder: store, name } = tree.place(folder);
      store.entries.set(path.slice("/nix/store/".length), store.entries.get(name)!);
      store.entries.delete(name);
      paths.push(path);
    }
    if (input.left > 0) throw bad("something follows its end");
  } finally {
    await input.close();
  }
  const missing = [...references].filter((path) => !paths.includes(path));
  if (missing.length > 0) throw bad(`it is no closure: it needs ${missing.slice(0, 3).join(", ")}`);
  return { tree, variables: linkPrograms(tree, paths) };
}

/** Links of the programs that every system has, and the others in PATH: the last paths first. */
function linkPrograms(tree: RootTree, paths: readonly string[]): string {
  const folders = [...paths].reverse().map((path) => `${path}/bin`);
  const programs = folders.filter((folder) => tree.resolve(folder)?.kind === "folder");
  for (const [link, program] of [
    ["bin/sh", "sh"],
    ["usr/bin/env", "env"],
  ] as const) {
    const folder = programs.find((each) => tree.resolve(`${each}/${program}`)?.kind === "file");
    if (folder !== undefined) tree.put(link, { kind: "link", target: `${folder}/${program}` });
  }
  return programs.length === 0 ? "" : `PATH=${programs.join(":")}:/usr/bin:/bin\n`;
}

class Reader {
  constructor(
    private readonly input: ByteFile,
    private readonly tree: RootTree,
    private readonly spool: Spool,
  ) {}

  async number(): Promise<number> {
    const bytes = await this.input.take(8);
    if (bytes.length < 8) throw bad("it ends too early");
    const value = bytes.readBigUInt64LE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw bad(`a number in it is too large: ${value}`);
    return Number(value);
  }

  /** A short text, as a byte string. */
  async word(): Promise<string> {
    const length = await this.number();
    if (length > maxWordBytes) throw bad(`a name in it has ${length} bytes`);
    const bytes = await this.input.take(length);
    if (bytes.length < length) throw bad("it ends too early");
    const text = bytes.toString("latin1");
    await this.padding(length);
    return text;
  }

  async archive(path: string): Promise<void> {
    await this.expect("nix-archive-1");
    await this.node(path, 0);
  }

  private async node(path: string, depth: number): Promise<void> {
    if (depth > maxDepth) throw badTree(path, "lies deeper than a path may");
    await this.expect("(", "type");
    const type = await this.word();
    if (type === "regular") await this.file(path);
    else if (type === "symlink") {
      await this.expect("target");
      this.tree.put(path, { kind: "link", target: await this.word() });
      await this.expect(")");
    } else if (type === "directory") await this.directory(path, depth);
    else throw bad(`it has an entry of the type ${JSON.stringify(type)}`);
  }

  private async file(path: string): Promise<void> {
    let next = await this.word();
    const isProgram = next === "executable";
    if (isProgram) {
      await this.expect("");
      next = await this.word();
    }
    let size = 0;
    if (next === "contents") size = await this.number();
    else if (next !== ")") throw bad(`${JSON.stringify(next)} stands where contents are expected`);
    const content = await this.spool.keep(path, size, this.parts(size));
    this.tree.put(path, { kind: "file", mode: isProgram ? 0o755 : 0o644, content });
    if (next === ")") return;
    await this.padding(size);
    await this.expect(")");
  }

  private async directory(path: string, depth: number): Promise<void> {
    this.tree.putFolder(path, 0o755);
    let last = "";
    for (;;) {
      const next = await this.word();
      if (next === ")") return;
      if (next !== "entry") throw bad(`${JSON.stringify(next)} stands where an entry is expected`);
      await this.expect("(", "name");
      const name = await this.word();
      if (name <= last || /^\.{0,2}$|[/\0]/.test(name))
        throw badTree(path, `has an entry named ${JSON.stringify(name)}`);
      last = name;
      await this.expect("node");
      await this.node(`${path}/${name}`, depth + 1);
      await this.expect(")");
    }
  }

  private async *parts(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      const part = await this.input.take(Math.min(left, partBytes));
      if (part.length === 0) throw bad("it ends too early");
      left -= part.length;
      yield part;
    }
  }

  private async padding(length: number): Promise<void> {
    const padding = await this.input.take((8 - (length % 8)) % 8);
    if (padding.some((byte) => byte !== 0)) throw bad("what fills up a text in it is not zero");
  }

  private async expect(...words: readonly string[]): Promise<void> {
    for (const word of words) {
      const given = await this.word();
      if (given !== word) throw bad(`${JSON.stringify(given)} stands where ${JSON.stringify(word)} is expected`);
    }
  }
}

function bad(fact: string, cause?: unknown) {
  return new AssayError("guest/bad-tree", `the Nix closure cannot be taken: ${fact}`, {}, { cause });
}
