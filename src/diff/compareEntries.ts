import { equalBytes } from "../core/bytes.ts";
import { compareFacts, type Facts } from "./compareFacts.ts";
import type { DiffRun } from "./diffRun.ts";

/** A file of an archive, or a section of a file. */
export interface Entry {
  readonly name: string;
  readonly facts: Facts;
  /** As it is stored: entries that are stored alike have the same content. */
  readonly stored: Uint8Array;
  /** @throws AssayError `diff/refused` */
  readonly read: () => Promise<Uint8Array>;
}

/**
 * Compares two lists of entries by their names: which are missing, whether they are in another order, what is said of them. Entries of
 * one name are compared in their order.
 * @param compare is given each pair whose contents may differ.
 */
export async function compareEntries(
  run: DiffRun,
  path: string,
  lists: { readonly first: readonly Entry[]; readonly second: readonly Entry[] },
  compare: (path: string, first: Entry, second: Entry) => Promise<void>,
): Promise<void> {
  const [first, second] = [byName(lists.first), byName(lists.second)];
  for (const key of first.keys()) {
    if (!second.has(key)) run.add({ path: within(path, key), kind: "missing", what: "only in the first" });
  }
  for (const key of second.keys()) {
    if (!first.has(key)) run.add({ path: within(path, key), kind: "missing", what: "only in the second" });
  }
  const common = [...first.keys()].filter((key) => second.has(key));
  const others = [...second.keys()].filter((key) => first.has(key));
  const at = common.findIndex((key, i) => key !== others[i]);
  if (at !== -1) run.add({ path, kind: "order", what: `entry ${at + 1}`, first: common[at], second: others[at] });
  for (const key of common) {
    run.checkTime();
    const [ours, theirs] = [first.get(key)!, second.get(key)!];
    compareFacts(run, within(path, key), ours.facts, theirs.facts);
    if (!equalBytes(ours.stored, theirs.stored)) await compare(within(path, key), ours, theirs);
  }
}

function byName(entries: readonly Entry[]): Map<string, Entry> {
  const found = new Map<string, Entry>();
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const count = (counts.get(entry.name) ?? 0) + 1;
    counts.set(entry.name, count);
    found.set(count === 1 ? entry.name : `${entry.name} (number ${count})`, entry);
  }
  return found;
}

function within(path: string, name: string): string {
  return `${path}!/${name}`;
}
