import { base64 } from "@scure/base";
import { isAssayError } from "../core/errors.ts";
import { DiffRun } from "../diff/diffRun.ts";
import { readZip } from "../diff/zip.ts";
import { hashOf } from "./digest.ts";
import { type Ecosystem, type Layer, layerFolder } from "./ecosystem.ts";
import { type DependencyEntry, titleOf, type Wanted } from "./entry.ts";
import { badArchive, badLock, checkAmount } from "./errors.ts";
import { mostContentBytes, mostEntries, mostTreeEntries } from "./limits.ts";
import { decompress, isPlainPath, quoted } from "./unpack.ts";

const folder = `${layerFolder}/go`;
const utf8 = new TextEncoder();

/** Go: a module proxy's files. A `go.sum` pins of each module its archive, or its `go.mod` alone. */
export const go: Ecosystem = {
  kind: "go",
  lockFiles: ["go.sum"],
  parse: parseGoSum,
  async digestOf(bytes, _, entry) {
    const files = entry.file?.endsWith(".mod") ? new Map([["go.mod", bytes]]) : await moduleFiles(bytes, entry);
    return await hashOfFiles(files);
  },
  layer: moduleProxy,
  variables: {
    GOPROXY: `file:///${folder}`,
    GOFLAGS: "-mod=mod",
    GOSUMDB: "off",
    GOTOOLCHAIN: "local",
  },
};

function parseGoSum(text: string, path: string): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const refuse = (why: string) => badLock(path, `line ${i + 1} ${why}`);
    const found = /^(\S+) (v[0-9A-Za-z.+-]+)(\/go\.mod)? h1:([A-Za-z0-9+/]{43}=)\r?$/.exec(line);
    if (found === null) throw refuse("is not a module, a version and a digest that begins with h1:");
    const [, name, version, isMod, digest] = found as unknown as [string, string, string, string?, string?];
    if (!isModule(name)) throw refuse(`names ${quoted(name)}, and modules are not named so`);
    const part = isMod === undefined ? "zip" : "mod";
    const key = `${name} ${version} ${part}`;
    const before = wanted.get(key);
    if (before !== undefined && before.digests[0]!.digest !== digest) throw refuse("says otherwise than one before it");
    wanted.set(key, { kind: "go", name, version, part, digests: [{ algorithm: "h1", digest: digest! }] });
    if (wanted.size > mostEntries) throw badLock(path, `it has more than ${mostEntries} lines`);
  }
  return [...wanted.values()];
}

/** As Go checks a module's path: no component begins or ends with a dot. */
function isModule(name: string): boolean {
  return (
    name.length <= 500 &&
    name.split("/").every((each) => /^[A-Za-z0-9_~-]([A-Za-z0-9._~-]*[A-Za-z0-9_~-])?$/.test(each))
  );
}

/** How a proxy's paths have a module or version: file systems may not tell upper case from lower. */
export function goPath(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

function moduleProxy(): Layer {
  const versions = new Map<string, string[]>();
  return {
    async add({ entry: { name, version, file }, content }) {
      const place = `${folder}/${goPath(name)}/@v`;
      const own = goPath(version);
      const isMod = file!.endsWith(".mod");
      if (!isMod) return [{ path: `${place}/${own}.zip`, kind: "file", content }];
      versions.set(name, [...(versions.get(name) ?? []), version]);
      const info = utf8.encode(JSON.stringify({ Version: version }));
      return [
        { path: `${place}/${own}.mod`, kind: "file", content },
        { path: `${place}/${own}.info`, kind: "file", content: info },
      ];
    },
    async finish() {
      return [...versions].map(([name, list]) => ({
        path: `${folder}/${goPath(name)}/@v/list`,
        kind: "file",
        content: utf8.encode(`${list.sort().join("\n")}\n`),
      }));
    },
  };
}

/** Go's `dirhash.Hash1`: names in the order of their bytes. */
async function hashOfFiles(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const lines = await Promise.all(
    [...files].map(async ([name, content]) => [name, `${await hashOf("SHA-256", content)}  ${name}\n`] as const),
  );
  const text = lines.sort(([a], [b]) => compareBytes(a, b)).map(([, line]) => line);
  const bytes = await crypto.subtle.digest("SHA-256", utf8.encode(text.join("")));
  return base64.encode(new Uint8Array(bytes));
}

function compareBytes(a: string, b: string): number {
  const [left, right] = [utf8.encode(a), utf8.encode(b)];
  const at = left.findIndex((byte, i) => byte !== right[i]);
  return at === -1 ? left.length - right.length : left[at]! - (right[at] ?? -1);
}

/** Every file of a module's archive, which all are below `<module>@<version>/`. */
async function moduleFiles(bytes: Uint8Array, entry: DependencyEntry): Promise<Map<string, Uint8Array>> {
  const title = titleOf(entry);
  const limits = {
    unpackedBytes: mostContentBytes,
    entries: mostTreeEntries,
    depth: 1,
    milliseconds: Infinity,
    differences: 0,
  };
  const files = new Map<string, Uint8Array>();
  let left = mostContentBytes;
  const inflate = async (packed: Uint8Array, size: number) => {
    const content = await decompress(title, "deflate-raw", packed, Math.min(size, left));
    if (content.length !== size) throw badArchive(title, "has an entry that is shorter than it says");
    return content;
  };
  try {
    for (const { name, read } of readZip(new DiffRun(limits), bytes, inflate)) {
      const start = `${entry.name}@${entry.version}/`;
      if (!name.startsWith(start) || !isPlainPath(name.slice(start.length).replace(/\/$/, "")))
        throw badArchive(title, `holds ${quoted(name)}, which is not below ${start}`);
      if (files.has(name)) throw badArchive(title, `holds ${quoted(name)} twice`);
      const content = await read();
      left -= content.length;
      checkAmount(`bytes in the archive of ${title}`, mostContentBytes - left, mostContentBytes);
      files.set(name, content);
    }
  } catch (cause) {
    throw isAssayError(cause, "diff/refused") ? badArchive(title, `cannot be read: ${cause.message}`, cause) : cause;
  }
  return files;
}
