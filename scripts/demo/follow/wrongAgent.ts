import { readFile } from "node:fs/promises";
import { type BuildResult, buildIn, statementOfBuild } from "../../../src/attestation/buildResult.ts";
import { parseBundle } from "../../../src/attestation/bundle.ts";
import { attestationFolder } from "../../../src/attestation/node/attestationFolder.ts";
import { openSigningKey } from "../../../src/attestation/node/signingKey.ts";
import { signStatement, statementIn } from "../../../src/attestation/statement.ts";
import { topicsOf } from "../../../src/attestation/topics.ts";
import type { Agent } from "./agents.ts";

/** The result in a bundle's first envelope. */
export async function resultIn(bundle: string): Promise<BuildResult> {
  return buildIn(statementIn(parseBundle(await readFile(bundle, "utf8")).envelopes[0]!));
}

/**
 * Signs and publishes, with an agent's own key, that a build gives the artifact of another one.
 * @param honest what the build gives. @param tampered what the agent has built instead.
 */
export async function signWrong(
  agent: Agent,
  password: string,
  honest: BuildResult,
  tampered: BuildResult,
): Promise<void> {
  const signer = await openSigningKey(agent.key, password);
  const { artifact, finalRoot } = tampered;
  const wrong: BuildResult = { ...honest, artifact, finalRoot };
  const envelope = await signStatement(signer, statementOfBuild(wrong, { id: signer.keyId, version: "0.1.0" }));
  await attestationFolder(agent.store).add(envelope, topicsOf(wrong));
}
