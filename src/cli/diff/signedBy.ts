import { type BuildResult, buildIn, isBuildStatement } from "../../attestation/buildResult.ts";
import { type Envelope, signersOf } from "../../attestation/dsse.ts";
import type { KeyId } from "../../attestation/keys.ts";
import type { SignatureAllowance } from "../../attestation/signatureAllowance.ts";
import { statementIn } from "../../attestation/statement.ts";
import { AssayError } from "../../core/errors.ts";

/** A result, and the keys that have signed it. Whose they are, and whether they are to be believed, nobody has asked. */
export interface SignedBy {
  readonly signers: readonly KeyId[];
  readonly result: BuildResult;
}

/** The results in some envelopes that are signed by a key which the envelope names; anything else is passed over. */
export function resultsIn(envelopes: readonly Envelope[], allowance?: SignatureAllowance): SignedBy[] {
  return envelopes.flatMap((envelope) => {
    const named = envelope.signatures
      .map(({ keyHint }) => keyHint as KeyId)
      .filter((hint) => hint.startsWith("did:key:"));
    const signers = signersOf(envelope, named, allowance);
    const result = signers.length === 0 ? undefined : resultIn(envelope);
    return result === undefined ? [] : [{ signers, result }];
  });
}

function resultIn(envelope: Envelope): BuildResult | undefined {
  try {
    const statement = statementIn(envelope);
    return isBuildStatement(statement) ? buildIn(statement) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The one result that is meant: all that `key` has signed, or all of them, must say the same.
 * @param name of the argument, for errors. @throws AssayError `cli/bad-argument` naming those that there are
 */
export function onlyResult(name: string, found: readonly SignedBy[], key: KeyId | undefined): SignedBy {
  const groups = new Map<string, { result: BuildResult; signers: Set<KeyId> }>();
  for (const { result, signers } of found) {
    if (key !== undefined && !signers.includes(key)) continue;
    const said = textOf(result);
    const group = groups.get(said) ?? { result, signers: new Set() };
    for (const signer of signers) group.signers.add(signer);
    groups.set(said, group);
  }
  const [only, ...others] = groups.values();
  if (only === undefined) throw bad(`${name}: there is no result that ${key ?? "anybody"} has signed`);
  if (others.length === 0) return { result: only.result, signers: [...only.signers] };
  const list = [only, ...others].map(
    ({ result: { artifact }, signers }) => `${[...signers].join(" and ")}: ${artifact?.sha256 ?? "no artifact"}`,
  );
  throw bad(`${name}: there are ${list.length} different results; say whose, as ${name}@<key>: ${list.join("; ")}`);
}

/** What two results that say the same have in common. */
function textOf({ buildId, exitCode, finalRoot, ticks, artifact, log }: BuildResult): string {
  return JSON.stringify([buildId, exitCode, finalRoot, ticks, artifact?.sha256, log?.sha256]);
}

function bad(message: string) {
  return new AssayError("cli/bad-argument", message);
}
