import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../../../core/bytes.ts";
import { AssayError } from "../../../core/errors.ts";
import type { MachineSession } from "../../../machine/native/session.ts";
import { hasArtifact, resultRecordSize } from "../../../programs/program.ts";
import { readResultRecord } from "../../../programs/resultRecord.ts";
import type { TabEnvironment } from "./environments.ts";
import type { OwnResult } from "./ownRuns.ts";

/**
 * What a finished run has left, read from its machine.
 * @throws AssayError `environment/other-artifact` when the artifact is not what the program says of it
 */
export function leftBy(
  session: MachineSession,
  { artifactAddress }: Pick<TabEnvironment, "artifactAddress">,
): OwnResult {
  const { end } = session;
  // What a trapped program left in its record is not a result.
  if (end !== "halted") return { end, exitCode: 0, artifact: undefined };
  const record = readResultRecord(session.readFinalMemory(0, resultRecordSize));
  const { exitCode, artifactSize, artifactSha256: expected } = record;
  if (!hasArtifact(record)) return { end, exitCode, artifact: undefined };
  const bytes = session.readFinalMemory(artifactAddress, Number(artifactSize));
  const given = toHex(sha256(bytes));
  if (given === expected) return { end, exitCode, artifact: { sha256: given.slice(2), bytes } };
  const message = `the program says that its artifact has sha256 ${expected}, it has ${given}`;
  throw new AssayError("environment/other-artifact", message, { expected, given });
}
