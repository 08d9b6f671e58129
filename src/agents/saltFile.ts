import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isHexString } from "ethers";
import { AssayError } from "../core/errors.ts";
import { readSecretFile } from "../core/node/secretFile.ts";
import { writeFileAtomically } from "../store/node/atomicFile.ts";
import type { AgentErrorCode } from "./errors.ts";

/**
 * The secret from which the salts of claims are derived, where the private key is not at hand: 32 bytes in hexadecimal, in the file
 * `salt.key` of a state directory that this process has locked; made when it is not there. Who loses it between commit and
 * reveal loses that commitment's bond, as far as the contract burns it; so a copy should be kept.
 * @throws AssayError `agents/bad-salt`; `store/full-fault`, `store/io-fault` when it cannot be made
 */
export async function saltSecretIn(stateFolder: string, onCreated: (file: string) => void): Promise<string> {
  const file = join(stateFolder, "salt.key");
  if (!existsSync(file)) {
    await writeFileAtomically(file, `0x${randomBytes(32).toString("hex")}\n`, 0o600);
    onCreated(file);
  }
  const secret = (await readSecretFile(file, "secret of the salts", ({ message }) => bad(file, message))).trim();
  if (isHexString(secret, 32)) return secret;
  throw bad(
    file,
    `${file} does not hold 0x and 64 hexadecimal digits: put your copy of it back, or remove it if no commitment of this account is open`,
  );
}

function bad(file: string, message: string): AssayError<AgentErrorCode> {
  return new AssayError("agents/bad-salt", message, { file });
}
