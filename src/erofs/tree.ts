import { AssayError } from "../core/errors.ts";
import { type ByteText, quoted, toByteText } from "./byteText.ts";
import { contentSize, type ErofsContent, type ErofsEntry, type ErofsOptions } from "./entry.ts";
import { encodeDevice, type InodeKind, limits } from "./format.ts";

/** What has an inode: a file, a folder, a link, a device... All its names lead to the same object. */
export interface TreeNode {
  readonly kind: InodeKind;
  /** The first of its paths, for people. */
  path: ByteText;
  mode: number;
  uid: number;
  gid: number;
  time: number;
  links: number;
  /** The file's, or the target of a symbolic link. */
  readonly content?: ErofsContent | undefined;
  /** Of a device, as the kernel encodes it. */
  readonly device: number;
  /** Of a folder: what it holds, by name. */
  readonly children: Map<ByteText, TreeNode>;
}

type Attributes = Pick<TreeNode, "mode" | "uid" | "gid" | "time">;
type HardLink = readonly [path: ByteText, target: ByteText];

/**
 * The tree of these entries, checked, with the folders that their paths imply.
 * @throws AssayError the `erofs/...` codes about entries
 */
export function buildTree(entries: Iterable<ErofsEntry>, { time }: ErofsOptions): TreeNode {
  if (!Number.isSafeInteger(time) || time < 0) throw badTime(time);
  const implied: Attributes = { mode: 0o755, uid: 0, gid: 0, time };
  const nodes = new NodeTable(implied);
  const hardLinks: HardLink[] = [];
  for (const entry of entries) {
    const path = checkPath(entry.path);
    if (entry.kind === "hardLink") hardLinks.push([path, checkPath(entry.target)]);
    else nodes.add(path, entry, time);
    if (nodes.count + hardLinks.length > limits.entries) throw tooManyEntries();
  }
  for (const link of resolveHardLinks(hardLinks, nodes)) nodes.link(...link);
  return nodes.root;
}

class NodeTable {
  readonly root: TreeNode;
  /** Every folder by its path, and whether an entry of its own has said what it is. */
  private readonly folders = new Map<ByteText, TreeNode>();
  private readonly stated = new Set<ByteText>();
  count = 1;
  private pathBytes = 0;

  constructor(private readonly implied: Attributes) {
    this.root = newNode("directory", "", implied);
    this.folders.set("", this.root);
  }

  add(path: ByteText, entry: Exclude<ErofsEntry, { kind: "hardLink" }>, time: number): void {
    const attributes = checkAttributes(path, entry, time);
    const known = this.folders.get(path);
    if (entry.kind === "directory" && known !== undefined) {
      if (this.stated.has(path)) throw duplicate(path);
      this.stated.add(path);
      Object.assign(known, attributes);
      return;
    }
    if (path === "") throw badEntry(path, "is the root, which is a folder");
    const node = { ...newNode(entry.kind, path, attributes), ...contentOf(path, entry) };
    this.put(path, node);
    if (entry.kind !== "directory") return;
    this.folders.set(path, node);
    this.stated.add(path);
  }

  /** A second name of a node. */
  link(path: ByteText, target: ByteText): void {
    const node = this.find(target)!;
    this.put(path, node);
    node.links++;
  }

  find(path: ByteText): TreeNode | undefined {
    return this.folders.get(parentOf(path))?.children.get(nameOf(path));
  }

  private put(path: ByteText, node: TreeNode): void {
    if (this.folders.has(path)) throw node.kind === "directory" ? duplicate(path) : conflict(path);
    const parent = this.folder(parentOf(path));
    const name = nameOf(path);
    if (parent.children.has(name)) throw node.kind === "directory" ? conflict(path) : duplicate(path);
    parent.children.set(name, node);
    if (node.kind === "directory") parent.links++;
    this.pathBytes += path.length;
    if (++this.count > limits.entries || this.pathBytes > limits.allPaths) throw tooManyEntries();
  }

  private folder(path: ByteText): TreeNode {
    const missing: ByteText[] = [];
    let at = path;
    while (!this.folders.has(at)) {
      missing.push(at);
      at = parentOf(at);
    }
    for (const each of missing.reverse()) {
      const node = newNode("directory", each, this.implied);
      const there = this.find(each);
      if (there !== undefined) throw conflict(each);
      this.put(each, node);
      this.folders.set(each, node);
    }
    return this.folders.get(path)!;
  }
}

/** The links with the paths of what they lead to, also by way of other links. */
function* resolveHardLinks(links: readonly HardLink[], nodes: NodeTable): Generator<HardLink> {
  const targets = new Map<ByteText, ByteText>();
  for (const [path, target] of links) {
    if (targets.has(path)) throw duplicate(path);
    targets.set(path, target);
  }
  for (const [path] of links) {
    const passed: ByteText[] = [];
    let at = path;
    for (let next = targets.get(at); next !== undefined; next = targets.get(at)) {
      passed.push(at);
      if (passed.length > links.length) throw badEntry(path, "is a hard link that leads in a circle");
      at = next;
    }
    // The next that comes by the same way has one hop.
    for (const each of passed) targets.set(each, at);
    const node = nodes.find(at);
    if (node === undefined || node.kind === "directory")
      throw badEntry(
        path,
        `is a hard link to ${quoted(at)}, ${node === undefined ? "which is not there" : "a folder"}`,
      );
    yield [path, at];
  }
}

function newNode(kind: InodeKind, path: ByteText, attributes: Attributes): TreeNode {
  const children = kind === "directory" ? new Map<ByteText, TreeNode>() : nothing;
  return { kind, path, ...attributes, links: kind === "directory" ? 2 : 1, device: 0, children };
}

const nothing: Map<ByteText, TreeNode> = new Map();
const defaultModes: Partial<Record<InodeKind, number>> = { directory: 0o755, symlink: 0o777 };

function checkAttributes(
  path: ByteText,
  entry: Exclude<ErofsEntry, { kind: "hardLink" }>,
  imageTime: number,
): Attributes {
  const { mode = defaultModes[entry.kind] ?? 0o644, uid = 0, gid = 0, time = imageTime } = entry;
  if (!isUpTo(mode, 0o7777)) throw badEntry(path, `has mode ${mode}, which is not one of 0 to 0o7777`);
  if (!isUpTo(uid, 2 ** 32 - 1) || !isUpTo(gid, 2 ** 32 - 1)) throw badEntry(path, `has owner ${uid}:${gid}`);
  if (!Number.isSafeInteger(time) || time < 0) throw badTime(time);
  return { mode, uid, gid, time };
}

function contentOf(path: ByteText, entry: ErofsEntry): Pick<TreeNode, "content"> | Pick<TreeNode, "device"> {
  if (entry.kind === "file") {
    if (!Number.isSafeInteger(contentSize(entry.content))) throw badEntry(path, "has a content without a size");
    return { content: entry.content };
  }
  if (entry.kind === "symlink") {
    const target = toByteText(entry.target);
    if (target === undefined || target === "" || target.includes("\0") || target.length > limits.target)
      throw badEntry(path, `is a link whose target is not of 1 to ${limits.target} bytes without zero`);
    return { content: Uint8Array.from(target, (character) => character.charCodeAt(0)) };
  }
  if (entry.kind === "characterDevice" || entry.kind === "blockDevice") {
    const { major, minor } = entry;
    if (!isUpTo(major, limits.major) || !isUpTo(minor, limits.minor))
      throw badEntry(path, `has device numbers ${major}, ${minor}`);
    return { device: encodeDevice(major, minor) };
  }
  return {};
}

function checkPath(given: string | Uint8Array): ByteText {
  const path = toByteText(given);
  if (path === undefined) throw badEntry("", `(${JSON.stringify(given)}) cannot be written in UTF-8`);
  if (path === "") return path;
  if (path.length > limits.path) throw badEntry(path, `has ${path.length} bytes, more than ${limits.path}`);
  for (const name of path.split("/")) {
    if (name === "" || name === "." || name === ".." || name.includes("\0") || name.length > limits.name)
      throw badEntry(path, `is not a plain relative path of names of 1 to ${limits.name} bytes`);
  }
  return path;
}

function isUpTo(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function parentOf(path: ByteText): ByteText {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function nameOf(path: ByteText): ByteText {
  return path.slice(path.lastIndexOf("/") + 1);
}

function badEntry(path: ByteText, fact: string) {
  return new AssayError("erofs/bad-entry", `${quoted(path.slice(0, 200))} ${fact}`, { path });
}

function badTime(time: number) {
  return new AssayError("erofs/bad-time", `expected whole seconds since 1970, got ${time}`, { time });
}

function duplicate(path: ByteText) {
  return new AssayError("erofs/duplicate-path", `${quoted(path)} occurs twice`, { path });
}

function conflict(path: ByteText) {
  return new AssayError("erofs/path-conflict", `${quoted(path)} is both a folder and something else`, { path });
}

function tooManyEntries() {
  return new AssayError(
    "erofs/too-many-entries",
    `an image has at most ${limits.entries} files and folders, and ${limits.allPaths} bytes of paths`,
    {
      limit: limits.entries,
    },
  );
}
