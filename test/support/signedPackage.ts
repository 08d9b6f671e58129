import { createHash } from "node:crypto";
import { type BuildResult, statementOfBuild } from "../../src/attestation/buildResult.ts";
import type { Envelope } from "../../src/attestation/dsse.ts";
import { type Signer, signerOf } from "../../src/attestation/keys.ts";
import { attestationFolder } from "../../src/attestation/node/attestationFolder.ts";
import { signStatement } from "../../src/attestation/statement.ts";
import { topicsOf } from "../../src/attestation/topics.ts";

/** A builder of tests, the same for the same number. */
export function builder(number: number): Signer {
  return signerOf(new Uint8Array(32).fill(number));
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
}

/** The result of a build that gives this artifact; builds of the same name are the same build. */
export function resultThatGives(artifactSha256: string, build = artifactSha256): BuildResult {
  const id = createHash("sha256").update(build).digest("hex");
  return {
    buildId: `0x${id}`,
    environment: { name: "small", id: `0x${"02".repeat(32)}` },
    source: { uri: "git+https://example.org/project.git", digest: { gitCommit: id.slice(0, 40) } },
    exitCode: 0,
    finalRoot: `0x${"04".repeat(32)}`,
    ticks: 75,
    artifact: { name: "out.tar", sha256: artifactSha256, size: 1234 },
    startedAt: 1_796_000_000,
    finishedAt: 1_796_000_012,
  };
}

export async function signResult(by: Signer, result: BuildResult): Promise<Envelope> {
  return await signStatement(by, statementOfBuild(result, { id: by.keyId, version: "0.1.0" }));
}

/** Publishes that these builders have built this artifact. */
export async function publishResult(folder: string, result: BuildResult, builders: readonly Signer[]): Promise<void> {
  for (const by of builders) await attestationFolder(folder).add(await signResult(by, result), topicsOf(result));
}
