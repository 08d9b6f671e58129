import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { seed } from "../support/seed.ts";
import { A0, A7, ecall, jal, li } from "./support/encode.ts";
import { boot, codeBytes } from "./support/machines.ts";
import { Random } from "./support/random.ts";

const output = address.guest + 0x100000;
const inputDrive = address.guest + 0x80000;
const outputSize = 0x200000;
const [recordAt, artifactAt] = [64, 65_536];
const none = "00".repeat(32);
const nothing = new Uint8Array(0);

interface Left {
  readonly header: string;
  readonly record?: Uint8Array;
  readonly artifact?: Uint8Array;
  readonly outputSize?: number;
  readonly limit?: bigint;
  readonly shutdown?: boolean;
}

/** A guest that shuts down at once, or (without `shutdown`) waits for ever, with this in its output drive. */
function start(left: Left) {
  const { header, record = nothing, artifact = nothing, limit = 0n, shutdown = true } = left;
  const code = shutdown ? [...li(A7, 0x53525354), 0x00000813, ...li(A0, 0), ecall, jal(0, 0)] : [jal(0, 0)];
  const { memory, view, tick } = boot(codeBytes(code), { eventsPerTick: 64 });
  memory.set(record, output + recordAt);
  memory.set(artifact, output + artifactAt);
  memory.set(new TextEncoder().encode(header), output);
  view.setUint32(address.inputDrive, inputDrive, true);
  view.setBigUint64(inputDrive + 16, limit, true);
  view.setUint32(address.outputDrive, output, true);
  view.setUint32(address.outputSize, left.outputSize ?? outputSize, true);
  let ticks = 1;
  for (; tick() === 0; ticks++) if (ticks > 1000) throw new Error("the guest does not stop");
  const hex = (from: number, to: number) => Buffer.from(memory.subarray(from, to)).toString("hex");
  const zero = (from: number, to: number) => memory.subarray(from, to).every((byte) => byte === 0);
  return {
    ticks,
    version: view.getUint32(0, true),
    exitCode: view.getUint32(4, true),
    size: Number(view.getBigUint64(8, true)),
    artifact: hex(16, 48),
    record: hex(64, 96),
    restIsZero: zero(48, 64) && zero(96, 4096),
    scratchIsZero: zero(address.scratch, 0x2000) && zero(address.tlbRead, address.console),
  };
}

const bytesOf = (size: number) => {
  const random = new Random(seed);
  return Uint8Array.from({ length: size }, () => random.below(256));
};
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const clean = { version: 1, restIsZero: true, scratchIsZero: true };

describe("the result of a run", () => {
  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 65535, 65536, 65537, 200_000])(
    "has the hash of an artifact of %i bytes",
    (size) => {
      const [record, artifact] = [bytesOf(77), bytesOf(size)];
      const result = start({ header: `assay-output 2 7 77 ${size}\n`, record, artifact });
      const hashes = { artifact: sha256(artifact), record: sha256(record) };
      expect(result).toMatchObject({ ...clean, ...hashes, exitCode: 7, size });
      // One tick of the guest, one for the record.
      expect(result.ticks).toBe(3 + Math.max(0, Math.ceil((size - 63) / 65536) - 1));
    },
  );

  it.each([0, 1, 63, 64, 4032, 65_471, 65_472])("has the hash of a record of outputs of %i bytes", (size) => {
    const record = bytesOf(size);
    const artifact = Uint8Array.of(1, 2, 3);
    for (const exitCode of [0, 1, 255]) {
      const without = start({ header: `assay-output 2 ${exitCode} ${size} -\n`, record, artifact });
      const hash = sha256(record);
      expect(without).toMatchObject({ ...clean, exitCode, size: 0, artifact: none, record: hash, ticks: 2 });
      const both = start({ header: `assay-output 2 ${exitCode} ${size} 3\n`, record, artifact });
      expect(both).toMatchObject({ ...clean, exitCode, size: 3, artifact: sha256(artifact), record: hash, ticks: 3 });
    }
  });

  it("tells an empty artifact from none", () => {
    expect(start({ header: "assay-output 2 0 0 0\n" })).toMatchObject({ ...clean, size: 0, artifact: sha256(nothing) });
    expect(start({ header: "assay-output 2 0 0 -\n" })).toMatchObject({ ...clean, size: 0, artifact: none });
  });

  it("takes an artifact that fills its drive, and records and artifacts as far as a small drive reaches", () => {
    const header = (record: number, artifact: number | "-") => ({ header: `assay-output 2 0 ${record} ${artifact}\n` });
    const exitCode = (left: Left) => start(left).exitCode;
    expect(exitCode(header(0, outputSize - artifactAt))).toBe(0);
    expect(exitCode(header(0, outputSize - artifactAt + 1))).toBe(257);
    for (const [size, record, artifact, code] of [
      [64, 0, "-", 0],
      [64, 1, "-", 257],
      [64, 0, 0, 257],
      [8192, 8128, "-", 0],
      [8192, 8129, "-", 257],
      [8192, 0, 0, 257],
      [65_535, 0, 0, 257],
      [65_536, 65_472, 0, 0],
      [65_536, 65_472, 1, 257],
      [65_537, 65_472, 1, 0],
    ] as const)
      expect([size, record, artifact, exitCode({ ...header(record, artifact), outputSize: size })]).toEqual([
        size,
        record,
        artifact,
        code,
      ]);
  });

  const [version, end] = ["assay-output 2 ", "\n"];
  const malformed = [
    "",
    "\n",
    ...["Assay-output 2 0 2 5", "assay-oUtput 2 0 2 5", "assay-outpuT 2 0 2 5", " assay-output 2 0 2 5"],
    ...["assay-output  2 0 2 5", "assay-output 2  0 2 5", "assay-output\t2 0 2 5", "assay-output 2\t0 2 5"],
    // Other versions, the one before among them, and its fields.
    ...["assay-output 1 0 5", "assay-output 1 0 2 5", "assay-output 3 0 2 5", "assay-output 02 0 2 5", `${version}0 5`],
    ...["256 2 5", "-1 2 5", "+1 2 5", "00 2 5", "07 2 5", "0x1 2 5", "1e1 2 5", "- 2 5", " 2 5", "99999999999 2 5"],
    ...["0 -1 5", "0 - 5", "0  5", "0 65473 5", "0 4294967296 5", "0 99999999999 5", "0 02 5", "0 00 5", "0 2. 5"],
    ...[
      "0 2 ",
      "0 2",
      "0 2 --",
      "0 2 -1",
      "0 2 - ",
      "0 2 -5",
      "0 2 5-",
      "0 2 05",
      "0 2 00",
      "0 2 5 ",
      "0 2 5 0",
      "0 2 5\r",
    ],
    ...["0 2 4294967296", "0 2 4294967301", "0 2 18446744073709551621", "0 2 99999999999", "0 2\t5", "0\t2 5"],
    `0 2 ${outputSize - artifactAt + 1}`,
  ].map((line) => (line.startsWith("assay-") || /^(|\n|Assay.*| assay.*)$/.test(line) ? line : version + line) + end);
  const unended = [
    "0 2 5",
    "0 2 -",
    "0 2 5\0",
    "0 2 -\0",
    "0 2 5\n\n",
    "0 2 5\n0",
    `0 2 5\n${"\0".repeat(42)}x`,
    "1".repeat(60),
  ];

  it.each([...malformed, ...unended.map((line) => version + line)])(
    "is 257 and nothing else after the header %j",
    (header) => {
      const result = start({ header, artifact: bytesOf(100) });
      expect(result).toMatchObject({ ...clean, exitCode: 257, size: 0, artifact: none, record: none, ticks: 1 });
    },
  );

  it("is what a header says that differs from those in nothing but what is wrong with them", () => {
    const header = `${version}0 2 5\n`;
    expect(start({ header })).toMatchObject({ ...clean, exitCode: 0, size: 5 });
    // Behind the header the record begins.
    expect(start({ header: `${header}${"\0".repeat(64 - header.length)}{}` })).toMatchObject({ ...clean, exitCode: 0 });
  });

  it("is 261 when the build description's limit in ticks is used up", () => {
    const result = start({ header: `${version}0 2 5\n`, limit: 5n, shutdown: false });
    expect(result).toMatchObject({ ...clean, exitCode: 261, size: 0, artifact: none, record: none, ticks: 6 });
  });
});
