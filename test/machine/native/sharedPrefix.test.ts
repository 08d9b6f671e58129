import { beforeAll, describe, expect, it } from "vitest";
import { AssayError } from "../../../src/core/errors.ts";
import type { Fault } from "../../../src/machine/native/fault.ts";
import { SharedPrefix } from "../../../src/machine/native/sharedPrefix.ts";
import { MemorySnapshotStorage, type SnapshotStorage } from "../../../src/machine/native/snapshotStorage.ts";
import type { KeccakKernel } from "../../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { claimableText, countingProgram, everyTicks, testSession } from "../../support/testSession.ts";

const drive = { address: 4096, log2Size: 12 };
const seenAddress = 64;
/** Looks at the drive in tick number 40, says so, and puts what is there elsewhere. */
const program = claimableText(
  countingProgram(
    90,
    `(if (i64.eq (global.get $count) (i64.const 41)) (then
      (i32.store (i32.const ${seenAddress}) (i32.const 1))
      (i64.store (i32.const 72) (i64.load (i32.const 4096)))))`,
  ),
);
const inputs = [1, 2].map((byte) => new Uint8Array(100).fill(byte));
const allTicks = Array.from({ length: 91 }, (_, tick) => tick);

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

function session(input: Uint8Array, storage?: SnapshotStorage, options: { fault?: Fault; complaints?: string[] } = {}) {
  const { fault, complaints } = options;
  return testSession(kernel, program, {
    drives: [{ ...drive, bytes: input }],
    ...(storage && { prefix: new SharedPrefix(kernel, storage, { drive, seenAddress }) }),
    ...(fault && { fault }),
    ...(complaints && { report: (complaint) => void complaints.push(complaint) }),
  });
}

/** Everything that a run comes to, and every state on its way. */
function outcome(of: ReturnType<typeof session>, log2 = 3) {
  const { tickSeconds: _, hashSeconds: __, ...run } = of.run(everyTicks(log2));
  return { ...run, roots: of.tickRoots(allTicks) };
}

/** A storage in which a run of the first input has left what it shares. */
function shared(): MemorySnapshotStorage {
  const storage = new MemorySnapshotStorage();
  session(inputs[0]!, storage).run(everyTicks(3));
  return storage;
}

describe("the beginning that runs of one environment share", () => {
  it("is the last state at a multiple of 4 ticks before the program looks at the drive", () => {
    expect(shared().names().sort()).toEqual(["complete", "state"]);
    const next = session(inputs[1]!, shared());
    const ticks: number[] = [];
    next.run(everyTicks(3), (progress) => void ticks.push(progress.ticks));
    expect(ticks[0]).toBe(48);
  });

  it.each([0, 1])("gives another run (input %i) the states that it has from its own start", (which) => {
    const input = inputs[which]!;
    expect(outcome(session(input, shared()))).toEqual(outcome(session(input)));
    expect(outcome(session(input, shared()), 5)).toEqual(outcome(session(input), 5));
  });

  it("is taken up where an interrupted run has left it", () => {
    const storage = new MemorySnapshotStorage();
    session(inputs[0]!, storage).tickRoots([17]);
    expect(storage.names()).toEqual(["state"]);
    expect(outcome(session(inputs[1]!, storage))).toEqual(outcome(session(inputs[1]!)));
    expect(storage.names().sort()).toEqual(["complete", "state"]);
  });

  it("is not replaced by an earlier one of a run that began before it was there", () => {
    const storage = new MemorySnapshotStorage();
    const late = session(inputs[1]!, storage);
    session(inputs[0]!, storage).run(everyTicks(3));
    const write = storage.write.bind(storage);
    const written: string[] = [];
    storage.write = (name, parts) => {
      written.push(name);
      write(name, parts);
    };
    expect(outcome(late)).toEqual(outcome(session(inputs[1]!)));
    expect(written).toEqual(["complete"]);

    const other = new MemorySnapshotStorage();
    const early = session(inputs[1]!, other);
    session(inputs[0]!, other).tickRoots([17]);
    early.run(everyTicks(3));
    expect(other.read("state", 0, 500)).toEqual(shared().read("state", 0, 500));
  });

  it("replaces one that cannot be read", () => {
    const storage = new MemorySnapshotStorage();
    const run = session(inputs[0]!, storage);
    storage.write("state", [new Uint8Array(9)]);
    run.run(everyTicks(3));
    expect(storage.read("state", 0, 500)).toEqual(shared().read("state", 0, 500));
  });

  it("is thrown away and made again when it does not have the content it had", () => {
    for (const at of [10, 200, 9000, -1]) {
      const storage = shared();
      const bytes = storage.read("state", 0, 1)!.buffer as ArrayBuffer;
      const altered = new Uint8Array(bytes.slice(0));
      altered[at < 0 ? altered.length + at : at]! ^= 1;
      storage.write("state", [altered]);
      const complaints: string[] = [];
      expect(outcome(session(inputs[1]!, storage, { complaints }))).toEqual(outcome(session(inputs[1]!)));
      expect(complaints).toHaveLength(1);
      expect(complaints[0]).toContain("thrown away");
      expect(new Uint8Array(storage.read("state", 0, 1)!.buffer)).toEqual(new Uint8Array(bytes));
    }
  });

  it("is thrown away when it is another program's", () => {
    const storage = new MemorySnapshotStorage();
    const other = claimableText(countingProgram(90, "(i32.store (i32.const 128) (i32.const 5))"));
    const prefix = new SharedPrefix(kernel, storage, { drive, seenAddress });
    testSession(kernel, other, { drives: [], prefix }).run(everyTicks(3));
    const complaints: string[] = [];
    expect(outcome(session(inputs[1]!, storage, { complaints }))).toEqual(outcome(session(inputs[1]!)));
    expect(complaints).toHaveLength(1);
  });

  it("of a program that looks without saying so is noticed before a bond depends on it", () => {
    const silent = claimableText(countingProgram(90, "(i64.store (i32.const 72) (i64.load (i32.const 4096)))"));
    const begin = (input: Uint8Array, shares: SnapshotStorage, storage = new MemorySnapshotStorage()) =>
      testSession(kernel, silent, {
        drives: [{ ...drive, bytes: input }],
        prefix: new SharedPrefix(kernel, shares, { drive, seenAddress }),
        storage,
      });
    for (const [input, disagrees] of [
      [inputs[0]!, false],
      [inputs[1]!, true],
    ] as const) {
      const sharedByFirst = () => {
        const shares = new MemorySnapshotStorage();
        begin(inputs[0]!, shares).run(everyTicks(3));
        return shares;
      };
      // The process that began there was killed before it looked; the next one finds its run.
      const kept = new MemorySnapshotStorage();
      begin(input, sharedByFirst(), kept).run(everyTicks(3));
      for (const session of [begin(input, sharedByFirst()), begin(input, sharedByFirst(), kept)]) {
        const looks = expect(() => session.rerunPrefix());
        if (disagrees) looks.toThrowError(expect.objectContaining({ code: "native/engine-disagrees" }));
        else looks.not.toThrow();
      }
    }
  });

  it("agrees with a run from the first tick, where a bond depends on it", () => {
    const run = session(inputs[1]!, shared());
    run.rerunPrefix();
    session(inputs[1]!).rerunPrefix();
    expect(outcome(run)).toEqual(outcome(session(inputs[1]!)));
  });

  it("is neither used nor made by a run with a fault", () => {
    const fault: Fault = { at: { tick: 3, step: 5 }, mutation: { kind: "memory", address: 200, xor: 1 } };
    const storage = new MemorySnapshotStorage();
    session(inputs[0]!, storage, { fault }).run(everyTicks(3));
    expect(storage.names()).toEqual([]);
    expect(outcome(session(inputs[0]!, shared(), { fault }))).toEqual(
      outcome(session(inputs[0]!, undefined, { fault })),
    );
  });

  it("that cannot be kept does not hold up a run", () => {
    const full = new MemorySnapshotStorage();
    full.write = () => {
      throw new AssayError("native/storage-fault", "the disk is full", { code: "ENOSPC" });
    };
    const complaints: string[] = [];
    expect(outcome(session(inputs[0]!, full, { complaints }))).toEqual(outcome(session(inputs[0]!)));
    expect(complaints).toEqual(["the disk is full"]);
  });
});
