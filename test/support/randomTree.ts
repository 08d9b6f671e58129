import fc from "fast-check";
import { isAssayError } from "../../src/core/errors.ts";
import { checkTree } from "../../src/source/checkTree.ts";
import type { Entry, SourceTree } from "../../src/source/source.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** Names that differ in nothing but what sorting, tar fields and pax records care about. */
const component = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("a", "b", "a-b", "a.b", "src", "lib", "x y", "ü", "漢字", "é") },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 84 }).map((n) => "é€n".repeat(n).slice(0, n)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("n".repeat(99), "n".repeat(100), "n".repeat(101), "n".repeat(155), "n".repeat(255)),
  },
);

const path = fc.array(component, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/"));

/** Contents that compress well, badly, or not at all. */
const content = fc.oneof(
  { weight: 2, arbitrary: fc.constant(new Uint8Array()) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 2000 }) },
  { weight: 3, arbitrary: fc.string({ maxLength: 300 }).map((line) => text(line.repeat(40))) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 500, max: 1100 }))
      .map(([byte, n]) => new Uint8Array(n).fill(byte)),
  },
);

const entry: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ path, kind: fc.constantFrom("file" as const, "executable" as const), content }) },
  {
    weight: 1,
    arbitrary: fc.record({ path, kind: fc.constant("symlink" as const), content: path.map((target) => text(target)) }),
  },
);

/** Trees that pass every check: entries that would make a tree fail are left out, in order. */
export const randomTree: fc.Arbitrary<SourceTree> = fc
  .record({
    name: fc.constantFrom("source", "source-0123456789ab", "n".repeat(128), "ü"),
    time: fc.constantFrom(0, 1, 1_700_000_000, 8 ** 11 - 1),
    entries: fc.array(entry, { maxLength: 20 }),
  })
  .map((tree) => {
    const kept: Entry[] = [];
    for (const each of tree.entries) if (passes({ ...tree, entries: [...kept, each] })) kept.push(each);
    return { ...tree, entries: kept };
  });

function passes(tree: SourceTree): boolean {
  try {
    checkTree(tree);
    return true;
  } catch (error) {
    if (isAssayError(error)) return false;
    throw error;
  }
}

/** Every directory that the paths of a tree name, and the archive's own, each with a `/` at its end. */
export function directoriesOf(tree: SourceTree): Set<string> {
  const directories = new Set([`${tree.name}/`]);
  for (const { path } of tree.entries) {
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
      directories.add(`${tree.name}/${path.slice(0, at + 1)}`);
    }
  }
  return directories;
}
