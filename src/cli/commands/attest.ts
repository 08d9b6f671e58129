import type { Command } from "commander";
import { statementOfBuild } from "../../attestation/buildResult.ts";
import { formatSigstoreBundle } from "../../attestation/bundle.ts";
import { withProof } from "../../attestation/execution.ts";
import { openSigningKey } from "../../attestation/node/signingKey.ts";
import { signStatement } from "../../attestation/statement.ts";
import { topicsOf } from "../../attestation/topics.ts";
import { buildResultOf } from "../../build/node/buildResult.ts";
import { readPassword } from "../../chain/node/keys.ts";
import { packageVersion } from "../../core/node/packageFiles.ts";
import { sourceHelp } from "../../source/sourceHelp.ts";
import { checkOutputFile, writeOutputFile } from "../../store/node/outputFile.ts";
import { type BuildOptions, buildRequestOf, withBuildOptions } from "../buildOptions.ts";
import { giveOut } from "../envelopeOutput.ts";
import { exitStatus } from "../exitStatus.ts";
import { withLocalBuild } from "../localBuild.ts";
import { createOutput, table } from "../output.ts";
import { addVerify } from "./attestVerify.ts";

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
    const unproven = await buildResultOf({ ...local, log }, options.uri);
    const result = await withProof(unproven, await local.finished.executionKey(), signer.keyId);
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
