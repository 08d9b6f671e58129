import { readFile } from "node:fs/promises";
import { sha256 } from "ethers";
import { z } from "zod";
import { type Root, toHex } from "../core/bytes.ts";
import { checkValue, parseJson } from "../core/json.ts";
import type { CompletedRun } from "../machine/native/session.ts";
import type { RegistersProof } from "../protocol/trace.ts";
import { writeFileAtomically } from "../store/node/atomicFile.ts";
import type { TickMeasure } from "./answeringTime.ts";

/** What running a build has come to: all that a later process needs besides the snapshots. */
export interface FinishedRun {
  readonly run: Omit<CompletedRun, "tickSeconds" | "hashSeconds">;
  readonly proofs: { readonly start: RegistersProof; readonly final: Uint8Array };
  readonly measure: TickMeasure;
  readonly runSeconds: number;
}

/** 32 bytes in lower-case hexadecimal. */
export const rootSchema = z.custom<Root>(
  (value) => typeof value === "string" && /^0x[0-9a-f]{64}$/.test(value),
  "is not a root",
);
const bytes = z
  .string()
  .regex(/^0x([0-9a-f]{2})*$/, "is not hexadecimal")
  .transform((text) => Uint8Array.from(Buffer.from(text.slice(2), "hex")));
const count = z.int().nonnegative();
const seconds = z.number().nonnegative();

const schema = z.strictObject({
  run: z.strictObject({
    ticks: count,
    log2Ticks: count,
    log2CheckpointTicks: count,
    startRoot: rootSchema,
    finalRoot: rootSchema,
    checkpoints: z.array(rootSchema),
  }),
  proofs: z.strictObject({
    start: z.strictObject({ registers: bytes, stackRoot: rootSchema, rest: rootSchema }),
    final: bytes,
  }),
  measure: z.strictObject({
    reachSeconds: seconds,
    interpretSeconds: seconds,
    processorSeconds: seconds,
    steps: count,
  }),
  runSeconds: seconds,
});

/** Keeps a finished run. @param name what it is a run of: a record of another name is none. */
export async function keepFinishedRun(file: string, name: string, finished: FinishedRun): Promise<void> {
  const { ticks, log2Ticks, log2CheckpointTicks, startRoot, finalRoot, checkpoints } = finished.run;
  const run = { ticks, log2Ticks, log2CheckpointTicks, startRoot, finalRoot, checkpoints };
  const body = JSON.stringify({ ...finished, run }, (_, value: unknown) =>
    value instanceof Uint8Array ? toHex(value) : value,
  );
  await writeFileAtomically(file, `${digestOf(name, body)}\n${body}\n`, 0o600);
}

/** @returns the run that was kept under this name; undefined if there is none, or the file is not whole. */
export async function findFinishedRun(file: string, name: string): Promise<FinishedRun | undefined> {
  try {
    const [digest, body = ""] = (await readFile(file, "utf8")).split("\n");
    if (digest !== digestOf(name, body)) return undefined;
    const refuse = (why: string) => new Error(why);
    return checkValue(parseJson(body, refuse), schema, refuse);
  } catch {
    return undefined;
  }
}

function digestOf(name: string, body: string): string {
  return sha256(Buffer.from(`assay finished run 1\n${name}\n${body}`));
}
