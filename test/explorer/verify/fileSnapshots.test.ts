import { describe, expect, it } from "vitest";
import { FileSnapshotStorage, type SyncFile } from "../../../src/explorer/page/verify/fileSnapshots.ts";
import { OverflowSnapshots } from "../../../src/explorer/page/verify/overflowSnapshots.ts";
import { Random } from "../../support/random.ts";
import { seed } from "../../support/seed.ts";

/** A fake of a browser's file, in memory: it can be full, and be cut off after so many bytes that were written. */
class FakeFile implements SyncFile {
  bytes = new Uint8Array(0);
  limit = Number.POSITIVE_INFINITY;
  /** Bytes after which the tab is gone. */
  left = Number.POSITIVE_INFINITY;

  read(buffer: Uint8Array, { at }: { readonly at: number }): number {
    const found = this.bytes.subarray(at, at + buffer.length);
    buffer.set(found);
    return found.length;
  }

  write(buffer: Uint8Array, { at }: { readonly at: number }): number {
    if (at + buffer.length > this.limit) throw Object.assign(new Error("full"), { name: "QuotaExceededError" });
    const count = Math.min(buffer.length, this.left);
    this.left -= count;
    const grown = new Uint8Array(Math.max(this.bytes.length, at + count));
    grown.set(this.bytes);
    grown.set(buffer.subarray(0, count), at);
    this.bytes = grown;
    if (count < buffer.length) throw new Error("the tab is gone");
    return count;
  }

  truncate(size: number): void {
    if (this.left > 0) this.bytes = this.bytes.slice(0, size);
  }

  getSize(): number {
    return this.bytes.length;
  }

  close(): void {}
}

const whole = (storage: FileSnapshotStorage, name: string, length: number) => storage.read(name, 0, length);

function* inParts(content: Uint8Array, size: number): Generator<Uint8Array> {
  const part = new Uint8Array(size);
  for (let at = 0; at < content.length; at += size) {
    const piece = content.subarray(at, at + size);
    part.set(piece);
    yield part.subarray(0, piece.length);
    part.fill(0xee);
  }
}

describe("snapshots in one file", () => {
  it("hold what a plain storage holds, whatever is written, replaced and removed, and after each opening", () => {
    const random = new Random(seed);
    const file = new FakeFile();
    let storage = new FileSnapshotStorage(file);
    const expected = new Map<string, Uint8Array>();
    for (let round = 0; round < 400; round++) {
      const name = `tick-${random.below(9)}`;
      if (random.below(3) === 0) {
        storage.remove(name);
        expected.delete(name);
      } else {
        const content = Uint8Array.from({ length: random.below(3000) }, () => random.below(256));
        storage.write(name, inParts(content, 1 + random.below(700)));
        expected.set(name, content);
      }
      if (random.below(10) === 0) storage = new FileSnapshotStorage(file);
      expect(storage.names().sort()).toEqual([...expected.keys()].sort());
      for (const [name, content] of expected) {
        expect(whole(storage, name, content.length)).toEqual(content);
        expect(storage.read(name, 0, content.length + 1)).toBeUndefined();
      }
    }
    for (const name of expected.keys()) storage.remove(name);
    expect(file.getSize()).toBe(0);
    // Rooms that are free are used again: nine names of at most 3,000 bytes, and one that is written.
    storage.write("tick-0", [new Uint8Array(100)]);
    expect(file.getSize()).toBe(164);
  });

  it("are whole after the tab was closed at any byte: what it was before, or what it was to be", () => {
    const before = new FakeFile();
    const storage = new FileSnapshotStorage(before);
    const old = new Map(["a", "b", "c"].map((name, i) => [name, new Uint8Array(500 + i).fill(i + 1)]));
    for (const [name, content] of old) storage.write(name, [content]);
    storage.remove("a");
    old.delete("a");
    const fresh = new Uint8Array(300).fill(77);
    for (const name of ["b", "d"]) {
      for (let left = 0; left < 700; left += 13) {
        const file = new FakeFile();
        file.bytes = before.bytes.slice();
        const torn = new FileSnapshotStorage(file);
        file.left = left;
        try {
          torn.write(name, inParts(fresh, 90));
        } catch {
          // The tab is gone.
        }
        file.left = Number.POSITIVE_INFINITY;
        const again = new FileSnapshotStorage(file);
        expect(whole(again, "c", 502)).toEqual(old.get("c"));
        const had = old.get(name);
        const length = again.names().includes(name) ? (again.read(name, 0, 301) === undefined ? 300 : 501) : 0;
        expect(length === 0 ? undefined : whole(again, name, length)).toEqual(length === 300 ? fresh : had);
      }
    }
  });

  it("do not take what a build has in its memory for a header, when there was no room for it", () => {
    const file = new FakeFile();
    const other = new FakeFile();
    new FileSnapshotStorage(other).write("forged", [new Uint8Array(8)]);
    const storage = new FileSnapshotStorage(file);
    storage.write("tick-0", [new Uint8Array(10)]);
    file.limit = 9 * 2 ** 20;
    const hostile = new Uint8Array(2 ** 20);
    for (let at = 0; at + 72 <= hostile.length; at += 72) hostile.set(other.bytes, at);
    const full = () => storage.write("tick-1", Array(12).fill(hostile));
    expect(full).toThrow(expect.objectContaining({ code: "native/storage-fault" }));
    expect(full).toThrow("there is no more room");
    file.limit = Number.POSITIVE_INFINITY;
    storage.write("tick-2", [new Uint8Array(8)]);
    expect(new FileSnapshotStorage(file).names()).toEqual(["tick-0", "tick-2"]);
  });

  it("are not there where a file holds anything else", () => {
    const file = new FakeFile();
    file.bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7) % 251);
    const storage = new FileSnapshotStorage(file);
    expect([storage.names(), file.getSize()]).toEqual([[], 0]);
  });
});

describe("snapshots that outgrow their file", () => {
  it("hold what a plain storage holds, before and after it is full, and leave in it what it had by then", () => {
    const random = new Random(seed);
    for (let game = 0; game < 12; game++) {
      const file = new FakeFile();
      const reasons: string[] = [];
      const storage = new OverflowSnapshots(new FileSnapshotStorage(file), 5000, (why) => reasons.push(why));
      const expected = new Map<string, Uint8Array>();
      let before: Map<string, Uint8Array> | undefined;
      for (let round = 0; round < 60; round++) {
        if (round === 30) file.limit = file.bytes.length + 200;
        const name = `tick-${random.below(9)}`;
        const wasFull = reasons.length;
        const kept = new Map(expected);
        if (random.below(3) === 0) {
          storage.remove(name);
          expected.delete(name);
        } else {
          const content = Uint8Array.from({ length: random.below(3000) }, () => random.below(256));
          storage.write(name, { [Symbol.iterator]: () => inParts(content, 700) });
          expected.set(name, content);
        }
        if (reasons.length > wasFull) before = kept;
        expect(storage.names().sort()).toEqual([...expected.keys()].sort());
        for (const [name, content] of expected) expect(storage.read(name, 0, content.length)).toEqual(content);
        const inFile = [...expected].filter(([name, content]) => before?.get(name) === content);
        const bytes = inFile.reduce((sum, [, { length }]) => sum + length, 0);
        expect(storage.mostBytes).toBe(before === undefined ? undefined : 5000 + bytes);
      }
      expect(reasons.length).toBeLessThan(2);
      if (before === undefined) continue;
      const again = new FileSnapshotStorage(file);
      expect(again.names().sort()).toEqual([...before.keys()].sort());
      for (const [name, content] of before) expect(again.read(name, 0, content.length)).toEqual(content);
    }
  });
});
