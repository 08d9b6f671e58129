import { type BuildResult, buildIn, isBuildStatement } from "../../attestation/buildResult.ts";
import { type Envelope, signersOf } from "../../attestation/dsse.ts";
import { parseKeyId } from "../../attestation/keys.ts";
import { readable } from "../../attestation/readable.ts";
import { statementIn } from "../../attestation/statement.ts";
import type { ClaimPublication } from "../../client/publication.ts";
import type { Root } from "../../core/bytes.ts";
import { printable } from "../../core/printable.ts";
import type { BuildAbout } from "../records.ts";

/** What one kind of source says; it takes the place of what the same kind has said before. */
export type About = BuildAbout;

const mostCharacters = 300;
/** Signed results of one build that are looked at. */
const mostEnvelopes = 100;
const mostBuilders = 20;

export function aboutPublication({ build }: ClaimPublication): About {
  const { environment, input, dependencies, source } = build;
  return {
    environment,
    input,
    dependencies,
    source: source === undefined ? undefined : printable(source, mostCharacters),
  };
}

/** What signed results say of a build. Of the keys only those count that have signed; that they are worth anything is for a policy to say. */
export function aboutStatements(buildId: Root, envelopes: readonly Envelope[]): About | undefined {
  const builders = new Set<string>();
  let first: BuildResult | undefined;
  for (const envelope of envelopes.slice(0, mostEnvelopes)) {
    const result = readable(() => {
      const statement = statementIn(envelope);
      return isBuildStatement(statement) ? buildIn(statement) : undefined;
    });
    if (result?.buildId !== buildId) continue;
    const hints = envelope.signatures.flatMap(
      ({ keyHint }) => readable(() => parseKeyId(keyHint.split("#", 1)[0]!)) ?? [],
    );
    const signers = [...signersOf(envelope, hints)];
    if (signers.length === 0) continue;
    for (const key of signers) if (builders.size < mostBuilders) builders.add(key);
    first ??= result;
  }
  if (first === undefined) return undefined;
  const { uri, digest } = first.source;
  const { gitCommit } = digest;
  return {
    builders: [...builders],
    repository: /^(git\+|rad:)/.test(uri) ? printable(uri.replace(/^git\+/, ""), mostCharacters) : undefined,
    commit: gitCommit !== undefined && /^[0-9a-f]{40,64}$/.test(gitCommit) ? gitCommit : undefined,
  };
}
