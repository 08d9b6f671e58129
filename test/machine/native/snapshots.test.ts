import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Root } from "../../../src/core/bytes.ts";
import { SnapshotDirectory } from "../../../src/machine/native/node/snapshotDirectory.ts";
import { planOf } from "../../../src/machine/native/pagePlan.ts";
import { SideSnapshots } from "../../../src/machine/native/sideSnapshots.ts";
import { changedBytes, contentOf, type PageChanges, type Snapshot } from "../../../src/machine/native/snapshot.ts";
import { SnapshotChain } from "../../../src/machine/native/snapshotChain.ts";
import type { TickRoot } from "../../../src/machine/native/snapshotCodec.ts";
import { MemorySnapshotStorage, type SnapshotStorage } from "../../../src/machine/native/snapshotStorage.ts";
import type { KeccakKernel } from "../../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { PageTree } from "../../../src/merkle/pageTree.ts";
import { Random } from "../../support/random.ts";
import { seed } from "../../support/seed.ts";

const pages = 16;
let kernel: KeccakKernel;
let directory: string;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "snapshots-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const rootOf = (tick: number): Root => `0x${tick.toString(16).padStart(64, "0")}`;

/** Pages by number, each filled with one byte. */
type Filled = Readonly<Record<number, number>>;

function snapshotOf(
  tick: number,
  parent: Snapshot | null,
  filled: Filled,
  step?: number,
  pool?: SideSnapshots["pool"],
): Snapshot {
  const numbers = Uint32Array.from(Object.keys(filled), Number);
  const contents = new Uint8Array(numbers.length * 4096);
  numbers.forEach((page, i) => void contents.fill(filled[page]!, i * 4096, (i + 1) * 4096));
  const nodes = new Uint8Array(numbers.length * 32);
  kernel.hashPagesAt(contents, Uint32Array.from(numbers.keys()), nodes);
  return {
    tick,
    step,
    parent,
    root: rootOf(tick),
    registers: Int32Array.of(tick, -1),
    stack: undefined,
    globals: Int32Array.of(7, tick),
    changes: pool === undefined ? changesIn(numbers, nodes, contents) : pool.take(numbers, nodes, memoryOf(filled)),
  };
}

function changesIn(numbers: Uint32Array, nodes: Uint8Array, contents: Uint8Array): PageChanges {
  return { pages: numbers, nodes, content: (position) => contents.subarray(position * 4096, (position + 1) * 4096) };
}

function memoryOf(filled: Filled): Uint8Array {
  const memory = new Uint8Array(pages * 4096);
  for (const [page, byte] of Object.entries(filled)) {
    memory.fill(byte, Number(page) * 4096, (Number(page) + 1) * 4096);
  }
  return memory;
}

/** The byte that fills each page of the snapshot. */
function bytesOfPages(snapshot: Snapshot): number[] {
  const plan = planOf(snapshot, new PageTree(kernel, 25, pages * 4096).pageNodes);
  return Array.from({ length: pages }, (_, page) => {
    const source = plan.source(page);
    return source === undefined ? 0 : contentOf(source.snapshot, source.position)[4095]!;
  });
}

function filledChain(storage: SnapshotStorage, history: readonly Filled[], budgetBytes = 1e9): SnapshotChain {
  const chain = new SnapshotChain(kernel, storage, budgetBytes);
  for (const [i, filled] of history.entries()) {
    const roots: TickRoot[] = i === 0 ? [] : [[i * 10, rootOf(i * 10)]];
    chain.append(snapshotOf(i * 10, chain.last ?? null, filled), { log2Ticks: 1, roots });
  }
  return chain;
}

const history: Filled[] = [{ 0: 1, 3: 1 }, { 0: 2 }, { 3: 3, 4: 3 }, { 0: 4, 15: 4 }];

function loaded(storage: SnapshotStorage): { chain: SnapshotChain; complaints: string[] } {
  const complaints: string[] = [];
  const chain = new SnapshotChain(kernel, storage, 1e9);
  chain.load(rootOf(0), (complaint) => complaints.push(complaint));
  return { chain, complaints };
}

describe("a chain of snapshots", () => {
  it("gives each snapshot the newest content before it", () => {
    const chain = filledChain(new MemorySnapshotStorage(), history);
    expect(bytesOfPages(chain.before(19)!).slice(0, 5)).toEqual([2, 0, 0, 1, 0]);
    expect(bytesOfPages(chain.before(20)!).slice(0, 5)).toEqual([2, 0, 0, 3, 3]);
    expect(bytesOfPages(chain.last!)).toEqual([4, 0, 0, 3, 3, ...Array(10).fill(0), 4]);
  });

  it("merges snapshots to stay within its budget, and loses no content and no root", () => {
    const filled = fc.dictionary(fc.nat(pages - 1).map(String), fc.nat(255), { minKeys: 1, maxKeys: 6 });
    fc.assert(
      fc.property(
        fc.array(filled, { minLength: 4, maxLength: 12 }),
        fc.integer({ min: 0, max: 40 }),
        (rounds, kept) => {
          const budget = kept * 4132;
          const storage = new MemorySnapshotStorage();
          const whole = filledChain(new MemorySnapshotStorage(), rounds);
          const thin = filledChain(storage, rounds, budget);
          expect(thin.roots()).toEqual(whole.roots());
          for (const tick of thin.ticks) {
            expect(bytesOfPages(thin.before(tick)!)).toEqual(bytesOfPages(whole.before(tick)!));
          }
          expect([thin.first!.tick, thin.last!.tick]).toEqual([whole.first!.tick, whole.last!.tick]);
          const bytes = thin.ticks.reduce((sum, tick) => sum + changedBytes(thin.before(tick)!), 0);
          expect(bytes <= budget || thin.ticks.length === 2).toBe(true);
          expect(storage.names()).toHaveLength(thin.ticks.length);
          const { chain, complaints } = loaded(storage);
          expect(complaints).toEqual([]);
          expect(chain.ticks).toEqual(thin.ticks);
          expect(chain.roots()).toEqual(thin.roots());
        },
      ),
      { seed, numRuns: 60 },
    );
  });

  it("thins out evenly", () => {
    const rounds = Array.from({ length: 33 }, (_, i) => ({ 1: i + 1 }));
    const chain = filledChain(new MemorySnapshotStorage(), rounds, 9 * 4132);
    expect(chain.ticks).toHaveLength(9);
    const gaps = chain.ticks.slice(1).map((tick, i) => tick - chain.ticks[i]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(80);
  });
});

describe("a directory of snapshots", () => {
  it("gives what a chain in memory gives, however many files there are and however often they are merged", () => {
    const rounds = Array.from({ length: 90 }, (_, i) => ({ 0: i + 1, [1 + (i % (pages - 1))]: i + 1, 15: 200 }));
    const onDisk = new SnapshotDirectory(directory);
    const [chain, other] = [onDisk, new MemorySnapshotStorage()].map((storage) => {
      const filled = filledChain(storage, rounds.slice(0, 40), 240 * 4132);
      for (const tick of filled.ticks) bytesOfPages(filled.before(tick)!);
      for (const [i, round] of rounds.slice(40).entries()) {
        const tick = 10 * (40 + i);
        filled.append(snapshotOf(tick, filled.last!, round), { log2Ticks: 1, roots: [] });
      }
      return filled;
    }) as [SnapshotChain, SnapshotChain];
    expect(chain.ticks.length).toBeGreaterThan(32);
    expect(chain.ticks).toEqual(other.ticks);
    for (const tick of chain.ticks) {
      expect(bytesOfPages(chain.before(tick)!)).toEqual(bytesOfPages(other.before(tick)!));
    }
  });

  it("is taken up by the next process", () => {
    const before = filledChain(new SnapshotDirectory(directory), history);
    const { chain, complaints } = loaded(new SnapshotDirectory(directory));
    expect(complaints).toEqual([]);
    expect(chain.ticks).toEqual([0, 10, 20, 30]);
    expect(chain.roots()).toEqual(before.roots());
    for (const tick of chain.ticks) {
      const [a, b] = [chain.before(tick)!, before.before(tick)!];
      expect(bytesOfPages(a)).toEqual(bytesOfPages(b));
      expect([a.root, a.registers, a.globals]).toEqual([b.root, b.registers, b.globals]);
    }
  });

  it("is not taken up for another start state", () => {
    filledChain(new SnapshotDirectory(directory), history);
    const chain = new SnapshotChain(kernel, new SnapshotDirectory(directory), 1e9);
    chain.load(rootOf(1), () => {});
    expect(chain.ticks).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("loses what follows a snapshot that is cut off anywhere, and says so", () => {
    const file = join(directory, "tick-0000000000020");
    filledChain(new SnapshotDirectory(directory), history);
    const whole = readFileSync(file);
    for (const length of [0, 7, 43, 44, 300, whole.length - 8192, whole.length - 1]) {
      rmSync(directory, { recursive: true });
      filledChain(new SnapshotDirectory(directory), history);
      truncateSync(file, length);
      const { chain, complaints } = loaded(new SnapshotDirectory(directory));
      expect(chain.ticks, `${length} bytes`).toEqual([0, 10]);
      expect(complaints).toEqual(["snapshot tick-0000000000020 is cut off"]);
      expect(readdirSync(directory)).toHaveLength(2);
    }
  });

  it("notices every altered byte of a header", () => {
    const file = join(directory, "tick-0000000000020");
    filledChain(new SnapshotDirectory(directory), history);
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length - 2 * 4096; at += 3) {
      const altered = Buffer.from(whole);
      altered[at]! ^= 1 << (at % 8);
      filledChain(new SnapshotDirectory(directory), history);
      writeFileSync(file, altered);
      const { chain, complaints } = loaded(new SnapshotDirectory(directory));
      expect(chain.ticks, `byte ${at}`).toEqual([0, 10]);
      expect(complaints).toHaveLength(1);
    }
  });

  it("does not take a snapshot under another one's name", () => {
    filledChain(new SnapshotDirectory(directory), history);
    writeFileSync(join(directory, "tick-0000000000020"), readFileSync(join(directory, "tick-0000000000010")));
    const { chain, complaints } = loaded(new SnapshotDirectory(directory));
    expect(chain.ticks).toEqual([0, 10]);
    expect(complaints).toEqual(["snapshot tick-0000000000020 has another one's content"]);
  });

  it("clears away what a killed process left unfinished, and leaves foreign files alone", () => {
    filledChain(new SnapshotDirectory(directory), history);
    writeFileSync(join(directory, "tick-0000000000040.unfinished"), "half");
    writeFileSync(join(directory, "notes.txt"), "mine");
    expect(loaded(new SnapshotDirectory(directory)).chain.ticks).toEqual([0, 10, 20, 30]);
    expect(readdirSync(directory).sort().slice(0, 2)).toEqual(["notes.txt", "tick-0000000000000"]);
    expect(readdirSync(directory)).toHaveLength(5);
  });

  it("survives a kill between a merge and the removal of what was merged", () => {
    const storage = new SnapshotDirectory(directory);
    const repeated: Filled[] = [{ 0: 1, 3: 1 }, { 0: 2 }, { 0: 3, 4: 3 }, { 0: 4 }];
    filledChain(storage, repeated);
    const merged = readFileSync(join(directory, "tick-0000000000010"));
    const chain = filledChain(storage, repeated, 5 * 4132);
    expect(chain.ticks).toEqual([0, 20, 30]);
    writeFileSync(join(directory, "tick-0000000000010"), merged);
    expect(loaded(new SnapshotDirectory(directory)).chain.ticks).toEqual([0, 20, 30]);
    expect(readdirSync(directory)).toHaveLength(3);
  });

  it("says what it cannot do", () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    expect(() => new SnapshotDirectory(join(file, "below"))).toThrow(/cannot make snapshots in .*ENOTDIR/);
    const storage = new SnapshotDirectory(join(directory, "gone"));
    rmSync(join(directory, "gone"), { recursive: true });
    expect(() => storage.write("tick-0000000000000", [])).toThrow(/cannot write snapshots in .*ENOENT/);
    expect(storage.read("tick-0000000000000", 0, 1)).toBeUndefined();
  });
});

describe("snapshots beside the chain", () => {
  it("go when the budget is used up, the longest unused first, with all that build on them", () => {
    const side = new SideSnapshots(5 * 4300);
    const take = (...[tick, parent, filled, step]: Parameters<typeof snapshotOf>) =>
      snapshotOf(tick, parent, filled, step, side.pool);
    const [a, b] = [take(1, null, { 1: 1 }), take(2, null, { 1: 2 })];
    const onA = take(1, a, { 2: 1, 3: 1 }, 5);
    expect([a, b, onA].flatMap((snapshot) => side.add(snapshot))).toEqual([]);
    side.touch(b);
    const c = take(3, null, { 1: 3, 2: 3, 3: 3, 4: 3 });
    expect(side.add(c)).toEqual([onA, a]);
    expect([a, onA, b, c].map((snapshot) => side.has(snapshot))).toEqual([false, false, true, true]);
  });

  it("stay as long as something that builds on them is of use", () => {
    const side = new SideSnapshots(3 * 4300);
    const take = (...[tick, parent, filled, step]: Parameters<typeof snapshotOf>) =>
      snapshotOf(tick, parent, filled, step, side.pool);
    const a = take(1, null, { 1: 1 });
    const b = take(2, null, { 1: 2 });
    const onA = take(1, a, { 2: 1 }, 5);
    for (const snapshot of [a, b, onA]) side.add(snapshot);
    expect(side.add(take(3, null, { 1: 3 }))).toEqual([b]);
  });

  it("share the contents that they have in common: each counts once, until the last that has it is gone", () => {
    const random = new Random(seed);
    const side = new SideSnapshots(1e9);
    const kept: { snapshot: Snapshot; filled: Filled }[] = [];
    for (let i = 0; i < 200; i++) {
      if (kept.length > 0 && random.below(3) === 0) {
        const [gone] = kept.splice(random.below(kept.length), 1);
        side.remove(gone!.snapshot);
      } else {
        const filled = Object.fromEntries(Array.from({ length: 4 }, () => [random.below(pages), 1 + random.below(2)]));
        const snapshot = snapshotOf(i, null, filled, undefined, side.pool);
        side.add(snapshot);
        kept.push({ snapshot, filled });
      }
      for (const { snapshot, filled } of kept) {
        expect(bytesOfPages(snapshot)).toEqual(Array.from({ length: pages }, (_, page) => filled[page] ?? 0));
      }
      const all = kept.reduce((sum, { snapshot }) => sum + snapshot.changes.pages.length, 0);
      expect(side.pool.bytes).toBeLessThanOrEqual(all * 4128);
    }
    const before = side.pool.bytes;
    side.add(snapshotOf(999, null, kept.at(-1)!.filled, undefined, side.pool));
    expect(side.pool.bytes - before).toBeLessThanOrEqual(4 * 4128);
    const again = side.pool.bytes;
    side.add(snapshotOf(1000, null, kept.at(-1)!.filled, undefined, side.pool));
    expect(side.pool.bytes).toBe(again);
    for (const { snapshot } of kept) side.remove(snapshot);
    expect(side.pool.bytes).toBe(4128 * Object.keys(kept.at(-1)!.filled).length);
  });

  it("keep what the newest one builds on, whatever the budget", () => {
    const side = new SideSnapshots(0);
    const a = snapshotOf(1, null, { 1: 1 });
    const onA = snapshotOf(1, a, { 1: 2 }, 5);
    side.add(a);
    expect(side.add(onA)).toEqual([]);
    expect(side.has(a)).toBe(true);
  });

  it("are found by tick and by step", () => {
    const side = new SideSnapshots(1e6);
    const boundary = snapshotOf(4, null, {});
    const steps = [0, 100, 200].map((step) => snapshotOf(4, boundary, {}, step));
    for (const snapshot of [boundary, ...steps]) side.add(snapshot);
    expect(side.beforeTick(3)).toBeUndefined();
    expect(side.beforeTick(9)).toBe(boundary);
    expect(side.beforeStep(4, 199)).toBe(steps[1]);
    expect(side.beforeStep(5, 199)).toBeUndefined();
  });
});
