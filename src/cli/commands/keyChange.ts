import { type Command, InvalidArgumentError, Option } from "commander";
import {
  type RevocationReason,
  revocationReasons,
  signRevocation,
  signRotation,
} from "../../attestation/keyStatement.ts";
import { makeSigningKey, openSigningKey } from "../../attestation/node/signingKey.ts";
import { topicOfKey } from "../../attestation/topics.ts";
import { readPassword } from "../../chain/node/keys.ts";
import { AssayError } from "../../core/errors.ts";
import { checkOutputFile } from "../../store/node/outputFile.ts";
import { type EnvelopePlaces, giveOut } from "../envelopeOutput.ts";
import { writeNewKey } from "../newKeyFile.ts";
import { createOutput, table } from "../output.ts";

interface ChangeOptions extends EnvelopePlaces {
  readonly passwordFile?: string;
  readonly json: boolean;
}

interface RotateOptions extends ChangeOptions {
  readonly to: string;
  readonly newPasswordFile?: string;
}

interface RevokeOptions extends ChangeOptions {
  readonly reason: RevocationReason;
  /** Seconds since 1970. */
  readonly from?: number;
}

/** `assay key rotate`: a new signing key, announced by the old one. */
export function defineRotate(key: Command): void {
  const command = key
    .command("rotate")
    .description("make a new signing key, and announce it with a statement that the old one and the new one sign")
    .argument("<file>", "the old signing key")
    .requiredOption("--to <file>", "the new key: file to write; one that is there is never written over")
    .option("--new-password-file <file>", "file that holds the new key's password (default: the old key's)");
  withPlaces(command)
    .addHelpText(
      "after",
      `
No policy follows a rotation by itself: \`assay check\` says that a new key is announced, and who wants it to count puts it into the
policy. The old key stays as good as it was; revoke it when nobody needs it any more.

Examples:
  assay key rotate signing.json --to signing-2.json --password-file password --publish ./store
  assay key rotate signing.json --to signing-2.json --password-file password --bundle rotation.intoto.jsonl`,
    )
    .action(rotate);
}

/** `assay key revoke`: a signing key is not to be trusted any more. */
export function defineRevoke(key: Command): void {
  const command = key
    .command("revoke")
    .description("sign that a signing key is not to be trusted any more; it cannot be taken back")
    .argument("<file>", "the signing key")
    .addOption(new Option("--reason <reason>", "why").choices(revocationReasons).default("retired"))
    .option("--from <time>", "not before this time, as 2027-01-31T00:00:00Z (default: at once)", parseTime);
  withPlaces(command)
    .addHelpText(
      "after",
      `
From that time on nothing counts that the key has signed, whenever that was: nobody can tell when something was signed but from what
its signer says. \`assay check\` honours it where it finds it, or is given it (\`--revocations\`).

Examples:
  assay key revoke signing.json --password-file password --reason compromised --publish ./store
  assay key revoke signing.json --password-file password --from 2027-01-31T00:00:00Z --bundle revoked.intoto.jsonl`,
    )
    .action(revoke);
}

function withPlaces(command: Command): Command {
  return command
    .option("--password-file <file>", "file that holds its password on its first line (default: ASSAY_PASSWORD)")
    .option("--publish <folder>", "add the statement to the signed results in this folder, found by the key")
    .option("--bundle <file>", "write the statement as JSON Lines (.intoto.jsonl)")
    .option("--json", "print as JSON", false);
}

function parseTime(text: string): number {
  const seconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? Date.parse(text) / 1000 : Number.NaN;
  if (Number.isNaN(seconds)) throw new InvalidArgumentError("expected a time of UTC, as 2027-01-31T00:00:00Z");
  return seconds;
}

async function rotate(file: string, options: RotateOptions): Promise<void> {
  const { to, passwordFile, newPasswordFile, json } = options;
  await checkPlaces(options);
  const password = await readPassword({ keystore: file, passwordFile }, process.env);
  const newPassword =
    newPasswordFile === undefined ? password : await readPassword({ passwordFile: newPasswordFile }, process.env);
  if (newPassword === "") throw badArgument("the new password is empty: anybody could open the file");
  const old = await openSigningKey(file, password);
  const { text } = await makeSigningKey(newPassword);
  await writeNewKey(to, text);
  const signer = await openSigningKey(to, newPassword);
  const envelope = await signRotation(old, signer, Date.now() / 1000);
  await giveOut(envelope, [topicOfKey(old.keyId)], options);
  createOutput(json).data({ key: old.keyId, newKey: signer.keyId, file: to, ...placesOf(options) }, () =>
    table([["key", old.keyId], ["new key", signer.keyId], ["file", to], ...rowsOf(options)]),
  );
}

async function revoke(file: string, options: RevokeOptions): Promise<void> {
  const { passwordFile, reason, json } = options;
  await checkPlaces(options);
  const signer = await openSigningKey(file, await readPassword({ keystore: file, passwordFile }, process.env));
  const now = Math.floor(Date.now() / 1000);
  const from = options.from ?? now;
  const envelope = await signRevocation(signer, { reason, from, saidAt: now });
  await giveOut(envelope, [topicOfKey(signer.keyId)], options);
  const since = new Date(from * 1000).toISOString();
  createOutput(json).data({ key: signer.keyId, reason, from, ...placesOf(options) }, () =>
    table([["key", signer.keyId], ["revoked from", since], ["reason", reason], ...rowsOf(options)]),
  );
}

async function checkPlaces({ publish, bundle }: EnvelopePlaces): Promise<void> {
  if (publish === undefined && bundle === undefined)
    throw badArgument("say where it goes: --publish, --bundle, or both");
  if (bundle !== undefined) await checkOutputFile(bundle);
}

function placesOf({ publish, bundle }: EnvelopePlaces) {
  return { publish, bundle };
}

function rowsOf({ publish, bundle }: EnvelopePlaces): (readonly [string, string])[] {
  return [publish, bundle].filter((place) => place !== undefined).map((place) => ["written to", place] as const);
}

function badArgument(message: string) {
  return new AssayError("cli/bad-argument", message);
}
