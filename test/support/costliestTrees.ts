import { encodeDrive } from "../../src/source/drive.ts";
import type { Entry } from "../../src/source/source.ts";
import { Random } from "./random.ts";

const text = (value: string) => new TextEncoder().encode(value);

export interface CostlyTree {
  readonly name: string;
  readonly drive: () => Uint8Array;
}

/** Source drives that make single pieces of the tarball program's work as large as they can be. */
export function costliestTrees(): CostlyTree[] {
  const tree = (name: string, entries: () => Entry[]): CostlyTree => ({
    name,
    drive: () => encodeDrive({ name: "n".repeat(128), time: 8 ** 11 - 1, entries: entries() }),
  });
  return [
    tree("paths and targets at their limits", () => {
      const component = `${"n".repeat(250)}/`.repeat(15);
      return Array.from({ length: 400 }, (_, i): Entry => {
        const path = `${component}${String(i).padStart(70, "n")}`;
        return { path, kind: "symlink", content: text(`${"./".repeat(2040)}${i}`) };
      });
    }),
    tree("a directory for every second byte", () =>
      Array.from(
        { length: 4 },
        (_, i): Entry => ({
          path: `${String(i).padStart(3, "a")}/${"d/".repeat(1900)}f`,
          kind: "file",
          content: text(""),
        }),
      ),
    ),
    tree("many empty files", () =>
      Array.from({ length: 20_000 }, (_, i): Entry => ({ path: String(i), kind: "file", content: text("") })),
    ),
    tree("chains of near matches that are all compared in full", () => {
      const phrase = bytesOf(155, 7);
      const parts = Array.from({ length: 20_000 }, (_, i) => [...phrase, i & 0xff, (i >> 8) & 0xff]);
      return [{ path: "near", kind: "file", content: new Uint8Array(parts.flat()) }];
    }),
    tree("blocks whose statistics change all the time", () => {
      const parts = Array.from({ length: 300 }, (_, i) =>
        bytesOf(4096, i).map((byte) => (byte % (1 + (i % 7) * 40)) + i),
      );
      return [{ path: "changing", kind: "file", content: new Uint8Array(parts.flatMap((part) => [...part])) }];
    }),
    tree("symbols whose frequencies call for the longest codes", () => {
      const bytes: number[] = [];
      for (let symbol = 0, count = 1, last = 1; symbol < 24; symbol++) {
        for (let i = 0; i < count; i++) bytes.push(symbol);
        [count, last] = [count + last, count];
      }
      const shuffled = bytes.map((byte, i) => [(i * 0x9e3779b1) >>> 0, byte] as const).sort(([a], [b]) => a - b);
      return [{ path: "fibonacci", kind: "file", content: new Uint8Array(shuffled.map(([, byte]) => byte)) }];
    }),
    tree("noise", () => [{ path: "noise", kind: "file", content: bytesOf(3_000_000, 1) }]),
    tree("one byte repeated", () => [{ path: "zeros", kind: "file", content: new Uint8Array(5_000_000) }]),
  ];
}

function bytesOf(size: number, seed: number): Uint8Array {
  return new Random(seed).fill(new Uint8Array(size));
}
