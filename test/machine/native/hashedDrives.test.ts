import { describe, expect, it } from "vitest";
import { nativeProgramOf } from "../../../src/machine/native/nativeProgram.ts";
import { hashedDrives } from "../../../src/machine/native/node/hashedDrives.ts";
import { WorkerSession } from "../../../src/machine/native/node/workerSession.ts";
import type { DriveImage } from "../../../src/machine/program.ts";
import { loadKeccakKernel, readKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { claimableText, countingProgram, everyTicks, testSession } from "../../support/testSession.ts";

const mebibyte = 2 ** 20;
const text = claimableText(countingProgram(6).replace("4 4)", "2048 2048)"));

/** Mostly zeros, which cost little: some pages have content, one piece and the end of the drive have none. */
function imageAt(address: number, length: number): DriveImage {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length - 2 * mebibyte; at += 20_480) bytes[at] = 1 + (at % 255);
  bytes.fill(0, 3 * mebibyte, 5 * mebibyte);
  return { address, log2Size: 26, bytes };
}

describe("drives that are hashed before the machine is there", () => {
  it("give the roots that the machine's own thread gives", async () => {
    const drives = [
      imageAt(64 * mebibyte, 64 * mebibyte),
      { ...imageAt(32 * mebibyte, 17 * mebibyte + 5), log2Size: 25 },
      { address: 4096, log2Size: 12, bytes: Uint8Array.of(1, 2) },
    ];
    const binaries = await readKeccakKernel();
    const hashed = await hashedDrives(drives, binaries);
    expect(hashed.map(({ address, nodes }) => [address, nodes.length])).toEqual([
      [64 * mebibyte, 16_384 * 32],
      [32 * mebibyte, 4353 * 32],
    ]);

    const kernel = await loadKeccakKernel();
    const expected = testSession(kernel, text, { drives });
    const { finalRoot } = expected.run(everyTicks(1));
    expect(testSession(kernel, text, { drives, hashedDrives: hashed }).run(everyTicks(1)).finalRoot).toBe(finalRoot);

    const session = await WorkerSession.start({ program: nativeProgramOf(text), drives });
    expect(await session.startRoot()).toBe(expected.startRoot());
    expect((await session.run(everyTicks(1))).finalRoot).toBe(finalRoot);
    await session.close();
  });

  it("are none where they are small", async () => {
    expect(await hashedDrives([imageAt(64 * mebibyte, 15 * mebibyte)], await readKeccakKernel())).toEqual([]);
  });
});
