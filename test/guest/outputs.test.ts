import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { artifactOffset, outputRecordOffset } from "../../src/guest/layout.ts";
import { readOutputs } from "../../src/guest/outputs.ts";

const drive = { address: 0x1000, size: 2 * artifactOffset };
const none = `0x${"00".repeat(32)}` as const;
const sha256 = (bytes: Uint8Array) => `0x${createHash("sha256").update(bytes).digest("hex")}` as const;

const reports = new TextEncoder().encode("an archive");
const right = {
  version: 1,
  exitCode: 0,
  log: { bytes: 3, sha256: "ab".repeat(32) },
  artifact: { kind: "file", executable: true },
  outputs: [{ path: "a", kind: "file" }],
  reports: { offset: artifactOffset + 4096, bytes: reports.length, sha256: sha256(reports).slice(2) },
};

/** What is read of a drive with this record. A command can write all of it. */
async function readBack(
  text: string,
  change: { header?: string; hash?: `0x${string}`; artifact?: `0x${string}` } = {},
) {
  const memory = new Uint8Array(drive.address + drive.size);
  const bytes = new TextEncoder().encode(text);
  memory.set(new TextEncoder().encode(change.header ?? `assay-output 2 0 ${bytes.length} 1\n`), drive.address);
  memory.set(bytes, drive.address + outputRecordOffset);
  memory.set(reports, drive.address + artifactOffset + 4096);
  const hashes = { artifactSha256: change.artifact ?? sha256(bytes), outputsSha256: change.hash ?? sha256(bytes) };
  return await readOutputs(drive, hashes, async (at, length) => memory.slice(at, at + length));
}

describe("what a build left", () => {
  it("is read from its record, with the reports", async () => {
    expect(await readBack(JSON.stringify(right))).toEqual({
      log: { size: 3, sha256: `0x${"ab".repeat(32)}` },
      artifact: right.artifact,
      outputs: right.outputs,
      reports,
    });
  });

  it("is unknown where the program says of no record", async () => {
    expect(await readBack("", { hash: none })).toBe(undefined);
  });

  it.each<[string, string, Parameters<typeof readBack>[1]?]>([
    ["another record than the program has hashed", JSON.stringify(right), { hash: sha256(reports) }],
    ["no JSON", "{"],
    ["a field more", JSON.stringify({ ...right, more: 1 })],
    ["an artifact where there is none", JSON.stringify(right), { artifact: none }],
    ["no artifact where there is one", JSON.stringify({ ...right, artifact: null })],
    ["reports before the artifact", JSON.stringify({ ...right, reports: { ...right.reports, offset: 0 } })],
    ["reports behind the drive", JSON.stringify({ ...right, reports: { ...right.reports, bytes: 2 ** 40 } })],
    ["reports with another hash", JSON.stringify({ ...right, reports: { ...right.reports, bytes: 9 } })],
    ["a size that is negative", JSON.stringify({ ...right, log: { ...right.log, bytes: -1 } })],
    ["no header", JSON.stringify(right), { header: "assay-output 1 0 4\n" }],
    ["a header with a record beyond its place", JSON.stringify(right), { header: "assay-output 2 0 65473 1\n" }],
  ])("is refused with %s", async (_, text, change) => {
    await expect(readBack(text, change)).rejects.toMatchObject({ code: "guest/bad-outputs" });
  });
});
