import type { Facts } from "./compareFacts.ts";

const flag = { extra: 4, name: 8, comment: 16 } as const;

/** What the header of a gzip file says beside its content (RFC 1952, section 2.3). Cut off where the file is. */
export function gzipFacts(file: Uint8Array): Facts {
  const facts = new Map<string, string>();
  if (file.length < 10) return facts;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const flags = file[3]!;
  facts.set("gzip: time", new Date(view.getUint32(4, true) * 1000).toISOString());
  facts.set("gzip: flags", `0x${flags.toString(16)}`);
  facts.set("gzip: level", String(file[8]));
  facts.set("gzip: system", String(file[9]));
  let at = 10;
  if ((flags & flag.extra) !== 0) at += 2 + (at + 2 <= file.length ? view.getUint16(at, true) : 0);
  for (const name of ["name", "comment"] as const) {
    if ((flags & flag[name]) === 0) continue;
    const end = file.indexOf(0, at);
    if (end === -1) break;
    facts.set(`gzip: ${name}`, new TextDecoder("latin1").decode(file.subarray(at, Math.min(end, at + 1000))));
    at = end + 1;
  }
  return facts;
}
