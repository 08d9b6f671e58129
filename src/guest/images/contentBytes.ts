import type { Content } from "./rootTree.ts";

/** All bytes of a file. */
export async function bytesOf(content: Content): Promise<Uint8Array> {
  const bytes = new Uint8Array(content.size);
  let at = 0;
  for await (const part of content.read()) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
