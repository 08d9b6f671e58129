/** The lines of git's protocol (gitprotocol-common): four hexadecimal digits of length, which they count, and then as many bytes. */

/** A line's bytes, without the newline at its end; or one of the marks between lines. */
export type Packet = Uint8Array | "flush" | "delimiter" | "end";

const marks: Readonly<Record<string, Packet>> = { "0000": "flush", "0001": "delimiter", "0002": "end" };

export function packetLine(text: string): string {
  return `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, "0")}${text}`;
}

/** Reads all of an answer. @returns undefined if it is not lines, or the last one is cut off. */
export function packetsIn(bytes: Uint8Array): readonly Packet[] | undefined {
  const packets: Packet[] = [];
  for (let at = 0; at < bytes.length; ) {
    const digits = Buffer.from(bytes.subarray(at, at + 4)).toString("latin1");
    const mark = marks[digits];
    at += 4;
    if (mark !== undefined) {
      packets.push(mark);
      continue;
    }
    const end = /^[0-9a-f]{4}$/i.test(digits) ? at + Number.parseInt(digits, 16) - 4 : at;
    if (end <= at || end > bytes.length) return undefined;
    packets.push(bytes.subarray(at, bytes[end - 1] === 0x0a ? end - 1 : end));
    at = end;
  }
  return packets;
}
