import { type Command, InvalidArgumentError } from "commander";
import { buildIn, isBuildStatement, statementOfBuild } from "../../attestation/buildResult.ts";
import { formatSigstoreBundle } from "../../attestation/bundle.ts";
import { signersOf } from "../../attestation/dsse.ts";
import { type KeyId, parseKeyId } from "../../attestation/keys.ts";
import { openSigningKey } from "../../attestation/node/signingKey.ts";
import { SignatureAllowance } from "../../attestation/signatureAllowance.ts";
import { isAbout, type Statement, signStatement, statementIn } from "../../attestation/statement.ts";
import { type TestVerdict, testIn, testResultType } from "../../attestation/testResult.ts";
import { topicsOf } from "../../attestation/topics.ts";
import { buildResultOf } from "../../build/node/buildResult.ts";
import { readPassword } from "../../chain/node/keys.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { packageVersion } from "../../core/node/packageFiles.ts";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { checkOutputFile, writeOutputFile } from "../../store/node/outputFile.ts";
import { type BuildOptions, buildRequestOf, withBuildOptions } from "../buildOptions.ts";
import { readBundleFile } from "../bundleFile.ts";
import { giveOut } from "../envelopeOutput.ts";
import { exitStatus } from "../exitStatus.ts";
import { sha256OfFile } from "../fileDigest.ts";
import { withLocalBuild } from "../localBuild.ts";
import { createOutput, table } from "../output.ts";

interface MakeOptions extends BuildOptions {
  readonly key: string;
  readonly passwordFile?: string;
  readonly bundle?: string;
  readonly sigstore?: string;
  readonly publish?: string;
  readonly artifact?: string;
  readonly uri?: string;
  readonly console: boolean;
  readonly json: boolean;
}

/** Signed results: make one by running the build, look at what others have signed. */
export function defineAttest(attest: Command): void {
  addMake(attest);
  addVerify(attest);
  for (const command of attest.commands) command.exitOverride();
}

function addMake(attest: Command): void {
  const command = attest
    .command("make")
    .description("run a build here and sign what it has come to, also if it fails")
    .argument("<source>", sourceHelp)
    .requiredOption("--key <file>", "signing key (`assay key new --signing`)")
    .option("--password-file <file>", "file that holds its password on its first line (default: ASSAY_PASSWORD)")
    .option("--publish <folder>", "add it to the signed results in this folder, which `assay store serve` gives out")
    .option("--bundle <file>", "write it as JSON Lines (.intoto.jsonl)")
    .option("--sigstore <file>", "write it as a sigstore bundle")
    .option("--artifact <file>", "write the artifact to this file")
    .option("--uri <uri>", "where others find the source, if not where it is read here");
  withBuildOptions(command)
    .option("--no-console", "guests: do not show what the build prints")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
The result is an in-toto statement in a DSSE envelope: SLSA provenance if the build succeeds.

Exit status: 0 signed; 8 signed, and the build itself failed.

Examples:
  assay attest make . --key signing.json --password-file password --publish ./store
  assay attest make git+https://example.org/project.git --rev v1.2 --key signing.json --bundle project.intoto.jsonl`,
    )
    .action(make);
}

async function make(location: string, options: MakeOptions): Promise<void> {
  const output = createOutput(options.json);
  const { key, passwordFile, bundle, sigstore, publish, artifact } = options;
  for (const file of [bundle, sigstore, artifact]) if (file !== undefined) await checkOutputFile(file);
  const request = await buildRequestOf(location, options);
  const signer = await openSigningKey(key, await readPassword({ keystore: key, passwordFile }, process.env));
  const { result, envelope, topics } = await withLocalBuild(request, options.console, output, async (local) => {
    const log = local.missing === undefined ? local.log : undefined;
    const result = await buildResultOf({ ...local, log }, options.uri);
    if (artifact !== undefined && result.artifact !== undefined) {
      await writeOutputFile(artifact, await local.finished.readArtifact());
    }
    const statement = statementOfBuild(result, { id: signer.keyId, version: packageVersion() });
    return { result, envelope: await signStatement(signer, statement), topics: topicsOf(result) };
  });
  if (sigstore !== undefined)
    await writeOutputFile(sigstore, new TextEncoder().encode(`${formatSigstoreBundle(envelope)}\n`));
  await giveOut(envelope, topics, { publish, bundle });
  output.data({ ...result, key: signer.keyId, bundle, sigstore, publish }, () =>
    table([
      ["build", result.buildId],
      ["exit code", String(result.exitCode)],
      ...(result.artifact === undefined ? [] : [["artifact sha256", result.artifact.sha256] as const]),
      ["signed by", signer.keyId],
      ...[bundle, sigstore, publish].filter((file) => file !== undefined).map((file) => ["written to", file] as const),
    ]),
  );
  if (result.exitCode !== 0) process.exitCode = exitStatus.buildFailed;
}

interface VerifyOptions {
  readonly artifact?: string;
  readonly key: readonly KeyId[];
  readonly json: boolean;
}

function addVerify(attest: Command): void {
  attest
    .command("verify")
    .description("check who has signed the statements of a bundle, and whether they are about an artifact")
    .argument("<bundle>", "a file of envelopes, one a line (.intoto.jsonl), or a sigstore bundle")
    .requiredOption("--key <did>", "public key as did:key:z6Mk...; repeatable", collectKey, [])
    .option("--artifact <file>", "they must be about this file")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Statements that none of the keys has signed do not count, and neither do those about something else.

Exit status: 0 there is a statement, signed by one of the keys, about the artifact; 5 there is none.

Examples:
  assay attest verify project.intoto.jsonl --key did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp --artifact project.tar.gz`,
    )
    .action(verify);
}

function collectKey(text: string, before: readonly KeyId[]): readonly KeyId[] {
  try {
    return [...before, parseKeyId(text)];
  } catch {
    throw new InvalidArgumentError("expected the did:key of an Ed25519 key (did:key:z6Mk...)");
  }
}

async function verify(file: string, { artifact, key: keys, json }: VerifyOptions): Promise<void> {
  const output = createOutput(json);
  const { envelopes, unknown } = await readBundleFile(file);
  const digest = artifact === undefined ? undefined : await sha256OfFile(artifact);
  const allowance = new SignatureAllowance();
  const found = envelopes.flatMap((envelope) => {
    const signers = signersOf(envelope, keys, allowance);
    const statement = signers.length === 0 ? undefined : readable(() => statementIn(envelope));
    if (statement === undefined || (digest !== undefined && !isAbout(statement, "sha256", digest))) return [];
    return [
      {
        ...{ signers, predicateType: statement.predicateType, subject: statement.subject },
        ...{ result: resultOf(statement), tests: testsOf(statement) },
      },
    ];
  });
  if (allowance.isExceeded) {
    const { checks, bytes } = allowance.limits;
    const message = `${file} has more signatures than are checked (${checks}, of ${bytes} bytes): look at a part of it`;
    throw new AssayError("attestation/too-many-signatures", message, { checks, bytes });
  }
  output.data({ found, envelopes: envelopes.length, unknownLines: unknown }, () => [
    ...found.flatMap(({ signers, predicateType, subject, result, tests }) => [
      ...table([
        ["signed by", signers.join(", ")],
        ["says", predicateType],
        ["of", subject.map(({ name, digest: digests }) => `${name} ${Object.values(digests).join(" ")}`).join("; ")],
        ...(result === undefined ? [] : [["build", result.buildId] as const]),
        ...(tests === undefined ? [] : [["tests", wordsOf(tests)] as const]),
      ]),
      "",
    ]),
    found.length > 0 ? "verified." : `none of ${envelopes.length} envelopes is signed by these keys and about it.`,
  ]);
  if (found.length === 0) process.exitCode = exitStatus.mismatch;
}

function resultOf(statement: Statement) {
  return isBuildStatement(statement) ? readable(() => buildIn(statement)) : undefined;
}

function testsOf(statement: Statement) {
  return statement.predicateType === testResultType ? readable(() => testIn(statement)) : undefined;
}

function wordsOf({ result, counts: { passed, failed, skipped } }: TestVerdict): string {
  return `${result}: ${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** What a stranger has written, unless it is malformed. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isAssayError(error, "attestation/malformed")) return undefined;
    throw error;
  }
}
