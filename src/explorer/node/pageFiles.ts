import { readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** A file that is given out as it is. */
export interface ServedFile {
  readonly body: Buffer;
  readonly type: string;
  readonly isText: boolean;
  /** Its name changes with what is in it. */
  readonly isLasting: boolean;
}

const types: Readonly<Record<string, readonly [type: string, isText: boolean]>> = {
  ".html": ["text/html; charset=utf-8", true],
  ".js": ["text/javascript; charset=utf-8", true],
  ".css": ["text/css; charset=utf-8", true],
  ".json": ["application/json", true],
  ".svg": ["image/svg+xml", true],
  ".txt": ["text/plain; charset=utf-8", true],
  ".wasm": ["application/wasm", true],
  ".png": ["image/png", false],
  ".ico": ["image/x-icon", false],
  ".woff2": ["font/woff2", false],
};

/**
 * Reads the files of a folder, once: what is served is what was there at the start, and no path leads anywhere else.
 * @returns by their paths below `prefix`; none of a folder that is not there.
 */
export function filesIn(folder: URL, prefix: string, extensions = Object.keys(types)): Map<string, ServedFile> {
  const files = new Map<string, ServedFile>();
  let names: string[];
  try {
    names = readdirSync(fileURLToPath(folder), { recursive: true, encoding: "utf8" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return files;
    throw error;
  }
  for (const name of names) {
    const known = types[extname(name)];
    if (known === undefined || !extensions.includes(extname(name))) continue;
    const path = name.replaceAll("\\", "/");
    const [type, isText] = known;
    const isLasting = /^assets\/.*-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/.test(path);
    files.set(`${prefix}${path}`, { body: readFileSync(new URL(path, folder)), type, isText, isLasting });
  }
  return files;
}
