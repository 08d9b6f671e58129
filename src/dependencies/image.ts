import type { ErofsEntry } from "../erofs/entry.ts";
import { ErofsWriter } from "../erofs/writer.ts";
import type { LayerEntry } from "./entry.ts";
import { checkAmount } from "./errors.ts";
import { mostImageBytes } from "./limits.ts";

/** Modification time of everything: 1980, which every format of archives can hold. */
const imageTime = 315_532_800;

/** The image of a layer, which is not held in memory. @throws AssayError `dependencies/too-large` */
export function imageOf(layer: readonly LayerEntry[]): Pick<ErofsWriter, "size" | "chunks"> {
  const writer = new ErofsWriter(layer.map(erofsEntry), { time: imageTime });
  checkAmount("bytes of the dependency image", writer.size, mostImageBytes);
  return writer;
}

function erofsEntry({ path, kind, content }: LayerEntry): ErofsEntry {
  if (kind === "directory") return { path, kind, mode: 0o755 };
  if (kind === "symlink") return { path, kind, target: content as Uint8Array };
  const mode = kind === "executable" ? 0o755 : 0o644;
  if (content instanceof Uint8Array) return { path, kind: "file", mode, content };
  const { size, read } = content;
  return { path, kind: "file", mode, content: { size, read: () => once(read) } };
}

async function* once(read: () => Promise<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield await read();
}
