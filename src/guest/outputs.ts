/** What a build has left in the output drive besides its artifact: the record of outputs, as init writes it (README.md). */
import { sha256 } from "@noble/hashes/sha2.js";
import { z } from "zod";
import { toHex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { checkValue, parseJson } from "../core/json.ts";
import type { LeftOutputs, RecordedHashes } from "../environment/outputs.ts";
import { hasArtifact } from "../programs/program.ts";
import { artifactOffset, outputRecordOffset, type Region } from "./layout.ts";

const size = z.int().nonnegative();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const schema = z.strictObject({
  version: z.literal(1),
  exitCode: z.int().min(0).max(255),
  log: z.strictObject({ bytes: size, sha256: digest }),
  artifact: z.nullable(
    z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("file"), executable: z.boolean() }),
      z.strictObject({ kind: z.literal("archive") }),
    ]),
  ),
  outputs: z.array(z.strictObject({ path: z.string(), kind: z.enum(["file", "directory", "special", "missing"]) })),
  reports: z.nullable(z.strictObject({ offset: size, bytes: size, sha256: digest })),
});

const sha256Of = (bytes: Uint8Array): string => toHex(sha256(bytes));

type Read = (address: number, length: number) => Promise<Uint8Array>;

/**
 * Reads what a build left. A command can write what it likes into the output drive, so the record is not believed further than
 * its form, the places that it names, and the hashes that it states.
 * @param drive the output drive. @param read reads the final state's memory.
 * @returns undefined where the build left no record
 * @throws AssayError `guest/bad-outputs`
 */
export async function readOutputs(drive: Region, record: RecordedHashes, read: Read): Promise<LeftOutputs | undefined> {
  if (!hasArtifact({ artifactSha256: record.outputsSha256 })) return undefined;
  const bytes = await readRecord(drive, read);
  if (sha256Of(bytes) !== record.outputsSha256) throw badOutputs("it does not hash to what the program says");
  const text = new TextDecoder().decode(bytes);
  const { log, artifact, outputs, reports } = checkValue(parseJson(text, badOutputs), schema, badOutputs);
  if ((artifact !== null) !== hasArtifact(record)) throw badOutputs("it and the program differ about the artifact");
  return {
    log: { size: log.bytes, sha256: `0x${log.sha256}` },
    artifact: artifact ?? undefined,
    outputs,
    reports: reports === null ? undefined : await readReports(drive, reports, read),
  };
}

/** The record's size stands in the drive's header: `assay-output 2 <exit code> <record size> ...`. */
async function readRecord(drive: Region, read: Read): Promise<Uint8Array> {
  const header = new TextDecoder().decode(await read(drive.address, outputRecordOffset));
  const length = Number(/^assay-output 2 \d+ (\d+) /.exec(header)?.[1] ?? Number.NaN);
  if (!(length <= artifactOffset - outputRecordOffset)) throw badOutputs("the output drive has no header");
  return await read(drive.address + outputRecordOffset, length);
}

async function readReports(
  drive: Region,
  { offset, bytes, sha256: stated }: { offset: number; bytes: number; sha256: string },
  read: Read,
): Promise<Uint8Array> {
  if (offset < artifactOffset || offset + bytes > drive.size) throw badOutputs("its reports are outside of the drive");
  const archive = await read(drive.address + offset, bytes);
  if (sha256Of(archive) !== `0x${stated}`) throw badOutputs("its reports have another sha256");
  return archive;
}

function badOutputs(why: string, cause?: unknown) {
  return new AssayError("guest/bad-outputs", `the build left a record of outputs that is none: ${why}`, {}, { cause });
}
