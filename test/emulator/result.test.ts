import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { seed } from "../support/seed.ts";
import { A0, A7, ecall, jal, li } from "./support/encode.ts";
import { boot, codeBytes } from "./support/machines.ts";
import { Random } from "./support/random.ts";

const guest = 0x2000000;
const output = guest + 0x100000;
const outputSize = 0x200000;

/** A guest that shuts down at once, or (without `shutdown`) waits for ever. */
function start(header: string, artifact: Uint8Array, { limit = 0n, shutdown = true } = {}) {
  const code = shutdown ? [...li(A7, 0x53525354), 0x00000813, ...li(A0, 0), ecall, jal(0, 0)] : [jal(0, 0)];
  const machine = boot(codeBytes(code), { eventsPerTick: 64 });
  const memory = new Uint8Array(machine.view.buffer);
  memory.set(new TextEncoder().encode(header), output);
  memory.set(artifact, output + 64);
  machine.view.setUint32(0x1818, guest + 0x80000, true);
  machine.view.setBigUint64(guest + 0x80000 + 16, limit, true);
  machine.view.setUint32(0x181c, output, true);
  machine.view.setUint32(0x1820, outputSize, true);
  let ticks = 1;
  for (; machine.tick() === 0; ticks++) if (ticks > 1000) throw new Error("the guest does not stop");
  return {
    ticks,
    version: machine.view.getUint32(0, true),
    exitCode: machine.view.getUint32(4, true),
    size: Number(machine.view.getBigUint64(8, true)),
    sha256: Buffer.from(memory.slice(16, 48)).toString("hex"),
    scratchIsZero: [memory.subarray(0x1c00, 0x2000), memory.subarray(0x10000, 0x100000)].every((part) =>
      part.every((byte) => byte === 0),
    ),
  };
}

describe("the result of a run", () => {
  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 65535, 65536, 65537, 200_000])(
    "is the hash of an artifact of %i bytes",
    (size) => {
      const random = new Random(seed);
      const artifact = Uint8Array.from({ length: size }, () => random.below(256));
      const result = start(`assay-output 1 7 ${size}\n`, artifact);
      expect(result).toMatchObject({
        version: 1,
        exitCode: 7,
        size,
        sha256: createHash("sha256").update(artifact).digest("hex"),
        scratchIsZero: true,
      });
      expect(result.ticks).toBe(2 + Math.max(0, Math.ceil((size - 63) / 65536) - 1));
    },
  );

  it.each([
    "",
    "assay-output 2 0 5\n",
    "Assay-output 1 0 5\n",
    "assay-oUtput 1 0 5\n",
    "assay-outpuT 1 0 5\n",
    "assay-output  1 0 5\n",
    "assay-output 1 256 5\n",
    "assay-output 1 0 5",
    "assay-output 1 0 \n",
    "assay-output 1 -1 5\n",
    "assay-output 1 0 99999999999\n",
    `assay-output 1 0 ${outputSize - 63}\n`,
    "assay-output 1  5\n",
  ])("is 257, an exit code without an artifact, after the header %j", (header) => {
    const result = start(header, new Uint8Array(0));
    expect(result).toMatchObject({ version: 1, exitCode: 257, size: 0, sha256: "00".repeat(32), scratchIsZero: true });
  });

  it("is 261 when the build description's limit in ticks is used up", () => {
    expect(start("", new Uint8Array(0), { limit: 5n, shutdown: false })).toMatchObject({ exitCode: 261, ticks: 6 });
  });
});
