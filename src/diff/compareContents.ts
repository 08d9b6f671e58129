import { equalBytes } from "../core/bytes.ts";
import { isAssayError } from "../core/errors.ts";
import { compareBytes } from "./compareBytes.ts";
import { compareEntries, type Entry } from "./compareEntries.ts";
import { compareFacts } from "./compareFacts.ts";
import { compareJson } from "./compareJson.ts";
import { type Decompress, decompressStream } from "./decompress.ts";
import type { Comparison } from "./difference.ts";
import { DiffRun } from "./diffRun.ts";
import { readElfFile } from "./elfSections.ts";
import { gzipFacts } from "./gzipHeader.ts";
import { type ContentKind, kindOf } from "./kinds.ts";
import { type DiffLimits, defaultDiffLimits } from "./limits.ts";
import { readTar } from "./tar.ts";
import { unpackDeflated, unpackGzip } from "./unpack.ts";
import { readZip } from "./zip.ts";

/** How two contents are compared. */
export interface CompareOptions {
  readonly limits?: DiffLimits;
  readonly decompress?: Decompress;
}

/**
 * Where two contents differ: the files of archives, at any depth, by their names; JSON by its values, ELF by its sections, text by its
 * first line that differs, anything else by its bytes. Time and memory are bounded whatever the contents are; what is not looked into
 * is named, and compared as bytes.
 * @param name of what is compared, with which the paths of the differences begin.
 */
export async function compareContents(
  name: string,
  first: Uint8Array,
  second: Uint8Array,
  { limits = defaultDiffLimits, decompress = decompressStream }: CompareOptions = {},
): Promise<Comparison> {
  const run = new DiffRun(limits, decompress);
  const same = equalBytes(first, second);
  const found = (stopped?: string): Comparison => {
    return { same, differences: run.differences, notLookedInto: run.notLookedInto, stopped };
  };
  if (same) return found();
  try {
    await compare(run, name, first, second, 0);
    return found();
  } catch (error) {
    if (isAssayError(error, "diff/stopped")) return found(error.details.why);
    throw error;
  }
}

type Comparer = (run: DiffRun, path: string, first: Uint8Array, second: Uint8Array, depth: number) => Promise<void>;

/** What is done with two files of one kind. One that finds nothing leaves it to the bytes to differ. */
const comparers: Readonly<Record<ContentKind, Comparer>> = {
  async gzip(run, path, first, second, depth) {
    compareFacts(run, path, gzipFacts(first), gzipFacts(second));
    const [ours, theirs] = [await unpackGzip(run, first), await unpackGzip(run, second)];
    await compare(run, path, ours, theirs, depth + 1);
  },
  async tar(run, path, first, second, depth) {
    const lists = { first: await readTar(run, first), second: await readTar(run, second) };
    await compareEntries(run, path, lists, insideOf(run, depth));
  },
  async zip(run, path, first, second, depth) {
    const read = (file: Uint8Array) =>
      readZip(run, file, async (bytes, size) => await unpackDeflated(run, bytes, size));
    await compareEntries(run, path, { first: read(first), second: read(second) }, insideOf(run, depth));
  },
  async elf(run, path, first, second) {
    const [ours, theirs] = [readElfFile(first), readElfFile(second)];
    compareFacts(run, path, ours.facts, theirs.facts);
    await compareEntries(run, path, { first: ours.sections, second: theirs.sections }, async (section, a, b) => {
      compareBytes(run, section, a.stored, b.stored);
    });
  },
  async json(run, path, first, second) {
    compareJson(run, path, first, second);
  },
};

async function compare(
  run: DiffRun,
  path: string,
  first: Uint8Array,
  second: Uint8Array,
  depth: number,
): Promise<void> {
  run.checkTime();
  if (equalBytes(first, second)) return;
  const before = run.differences.length;
  const [kind, other] = kindsOf(first, second);
  if (kind !== other) {
    run.add({ path, kind: "metadata", what: "kind of file", first: kind ?? "other", second: other ?? "other" });
  } else if (kind !== undefined) {
    await unlessRefused(run, path, async () => {
      if (depth < run.limits.depth) await comparers[kind](run, path, first, second, depth);
      else run.passOver(path, `it is within ${depth} other archives`);
    });
  }
  if (run.differences.length === before) compareBytes(run, path, first, second);
}

/** JSON against something else is text like any other. */
function kindsOf(first: Uint8Array, second: Uint8Array): readonly [ContentKind | undefined, ContentKind | undefined] {
  const [kind, other] = [kindOf(first), kindOf(second)];
  if (kind === other) return [kind, other];
  return [kind === "json" ? undefined : kind, other === "json" ? undefined : other];
}

function insideOf(run: DiffRun, depth: number) {
  return async (path: string, first: Entry, second: Entry) => {
    const before = run.differences.length;
    await unlessRefused(run, path, async () => {
      await compare(run, path, await first.read(), await second.read(), depth + 1);
    });
    if (run.differences.length > before) return;
    compareBytes(run, path, first.stored, second.stored, "as it is stored");
  };
}

async function unlessRefused(run: DiffRun, path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isAssayError(error, "diff/refused")) throw error;
    run.passOver(path, error.details.why);
  }
}
