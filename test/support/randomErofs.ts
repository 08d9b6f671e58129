import fc from "fast-check";
import { isAssayError } from "../../src/core/errors.ts";
import type { ErofsEntry, ReadyContent } from "../../src/erofs/entry.ts";
import { buildTree } from "../../src/erofs/tree.ts";

/** Names around `.` and `..` in their order, long ones, ones that are not UTF-8. */
const name = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom("a", "b", "c", "a-b", "!", "-", ".a", "...", "x y", "é", "\u{1f600}", "\x7f"),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 255 }).map((length) => "n".repeat(length)) },
);
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const bytePath = fc
  .uint8Array({ minLength: 1, maxLength: 12, min: 1 })
  .map((bytes) => bytes.map((byte) => (byte === 0x2f ? 0xff : byte)));

const size = fc.oneof(fc.nat(40), fc.integer({ min: 4050, max: 4110 }), fc.nat(20_000));
const content = fc
  .tuple(size, fc.nat(255))
  .map(([length, first]) => Uint8Array.from({ length }, (_, i) => i * 3 + first));
const attributes = {
  path: fc.oneof({ weight: 5, arbitrary: path }, { weight: 1, arbitrary: bytePath }),
  mode: fc.oneof(fc.constant(undefined), fc.constantFrom(0o600, 0o755, 0o4755, 0o1777)),
  uid: fc.oneof(fc.constant(undefined), fc.constantFrom(1000, 65_535, 65_536)),
  gid: fc.oneof(fc.constant(undefined), fc.constantFrom(7, 100_000)),
  time: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat() }),
};

const entry: fc.Arbitrary<ErofsEntry<ReadyContent>> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ ...attributes, kind: fc.constant("file" as const), content }) },
  { weight: 2, arbitrary: fc.record({ ...attributes, kind: fc.constantFrom("directory" as const, "fifo" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...attributes,
      kind: fc.constant("symlink" as const),
      target: fc.oneof(
        path,
        fc.integer({ min: 1, max: 4095 }).map((length) => "t".repeat(length)),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...attributes,
      kind: fc.constantFrom("characterDevice" as const, "blockDevice" as const),
      major: fc.constantFrom(0, 1, 255, 4095),
      minor: fc.constantFrom(0, 3, 256, 2 ** 20 - 1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ path, kind: fc.constant("hardLink" as const), target: path }) },
);

/** Entries of an image that pass every check: those that would make it fail are left out, in order. */
export const randomErofs: fc.Arbitrary<ErofsEntry<ReadyContent>[]> = fc
  .array(entry, { maxLength: 25 })
  .map((entries) => {
    const kept: ErofsEntry<ReadyContent>[] = [];
    for (const each of entries) if (passes([...kept, each])) kept.push(each);
    return kept;
  });

function passes(entries: readonly ErofsEntry[]): boolean {
  try {
    buildTree(entries, { time: 0 });
    return true;
  } catch (error) {
    if (isAssayError(error)) return false;
    throw error;
  }
}
