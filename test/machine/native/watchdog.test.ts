import { describe, expect, it } from "vitest";
import { Watchdog } from "../../../src/machine/native/node/watchdog.ts";
import { MemorySnapshotStorage, watchedStorage } from "../../../src/machine/native/snapshotStorage.ts";
import { KeccakKernel } from "../../../src/merkle/keccakKernel.ts";
import { readKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { claimableText, countingProgram, testSession } from "../../support/testSession.ts";

/** Looks at the times and beats given, and tells at which look the thread was found to hang. */
function hangsAt(watchdog: Watchdog, looks: Iterable<readonly [now: number, beats: number]>): number | undefined {
  let number = 0;
  for (const [now, beats] of looks) {
    if (watchdog.look(beats, now)) return number;
    number++;
  }
  return undefined;
}

const everySecond = (count: number, beats: (look: number) => number) =>
  Array.from({ length: count }, (_, i) => [(i + 1) * 1000, beats(i)] as const);

describe("the watchdog", () => {
  it("ends a thread that gives no sign of life for as long as it may", () => {
    const watchdog = new Watchdog(60);
    watchdog.rest(7, 0);
    expect(
      hangsAt(
        watchdog,
        everySecond(100, () => 7),
      ),
    ).toBe(59);
  });

  it("never ends one that gives a sign now and then", () => {
    const watchdog = new Watchdog(60);
    watchdog.rest(1, 0);
    expect(
      hangsAt(
        watchdog,
        everySecond(10_000, (i) => 1 + Math.floor(i / 59)),
      ),
    ).toBeUndefined();
  });

  it("counts from the first sign on, however long the thread takes to start", () => {
    const watchdog = new Watchdog(60);
    watchdog.rest(0, 0);
    expect(
      hangsAt(
        watchdog,
        everySecond(1000, (i) => (i < 500 ? 0 : 1)),
      ),
    ).toBe(560);
  });

  it("does not count the time in which the process was stopped", () => {
    const watchdog = new Watchdog(60);
    watchdog.rest(1, 0);
    expect(watchdog.look(1, 3_600_000)).toBe(false);
    // The thread hangs nevertheless: found after the two seconds that the late look counts for, and 58 more.
    const later = everySecond(100, () => 1).map(([now, beats]) => [3_600_000 + now, beats] as const);
    expect(hangsAt(watchdog, later)).toBe(57);
  });

  it("begins anew with each request", () => {
    const watchdog = new Watchdog(60);
    watchdog.rest(5, 0);
    watchdog.look(5, 1000);
    watchdog.rest(5, 1_000_000);
    expect(watchdog.look(5, 1_000_050)).toBe(false);
    expect(watchdog.interval).toBe(1000);
  });
});

describe("signs of life besides ticks", () => {
  const drive = new Uint8Array(2 ** 22).map((_, i) => 1 + (i % 251));
  const program = claimableText(countingProgram(4).replaceAll("4 4)", "128 128)"));
  const drives = [{ address: 2 ** 22, log2Size: 22, bytes: drive }];

  it("come from all that reads, writes and hashes a whole memory", async () => {
    let signs = 0;
    const counted = (work: () => void) => {
      const before = signs;
      work();
      return signs - before;
    };
    const kernel = KeccakKernel.create(await readKeccakKernel(), () => signs++);
    const inner = new MemorySnapshotStorage();
    const storage = watchedStorage(inner, () => signs++);
    const pages = drive.length / 4096;
    const quiet = KeccakKernel.create(await readKeccakKernel());

    const hashed = counted(() => testSession(kernel, program, { drives }));
    expect(hashed).toBeGreaterThanOrEqual(pages / 16);
    const placed = counted(() => testSession(quiet, program, { drives, worked: () => signs++ }));
    expect(placed).toBeGreaterThanOrEqual(pages);
    const name = "tick-0000000000000";
    storage.write(name, []);
    const written = counted(() => storage.write(name, Array(pages).fill(new Uint8Array(4096))));
    expect(written).toBe(pages);
    const read = counted(() => storage.read(name, 0, 4096));
    expect(read).toBe(1);
    const removed = counted(() => storage.remove(inner.names()[0]!));
    expect(removed).toBe(1);
  });
});
