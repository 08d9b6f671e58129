import { statementOfBuild } from "../../attestation/buildResult.ts";
import type { Envelope } from "../../attestation/dsse.ts";
import type { Signer } from "../../attestation/keys.ts";
import { attestationFolder } from "../../attestation/node/attestationFolder.ts";
import { signStatement } from "../../attestation/statement.ts";
import { statementOfTest } from "../../attestation/testResult.ts";
import { topicsOf } from "../../attestation/topics.ts";
import { directoryStore } from "../../store/node/directoryStore.ts";
import type { Task } from "../../tasks/task.ts";
import type { TaskResult } from "./runTask.ts";

export interface PublishOptions {
  readonly signer: Signer;
  /** Of Assay, as it is signed. */
  readonly version: string;
  /** Where results and contents are published; `assay store serve` gives it out. Nothing is, where it is missing. */
  readonly publishFolder?: string | undefined;
}

/**
 * Signs what a task has come to, and publishes it with those contents that the task names. Contents first: where a result is found, what
 * it is about is found too.
 * @returns the envelopes: the build's, and for tests that of their results.
 */
export async function publishResult(
  { result, input, artifact, checkpoints, log, test }: TaskResult,
  { publish, limits }: Pick<Task, "publish" | "limits">,
  { signer, version, publishFolder }: PublishOptions,
): Promise<readonly Envelope[]> {
  if (publishFolder !== undefined) {
    const isKept = log !== undefined && log.length <= (limits.logBytes ?? log.length);
    const contents = { input, artifact, log: isKept ? log : undefined };
    const store = directoryStore(publishFolder);
    if (checkpoints !== undefined) await store.put(checkpoints);
    for (const each of publish) {
      const bytes = contents[each];
      if (bytes !== undefined) await store.put(bytes);
    }
  }
  const builder = { id: signer.keyId, version };
  const statements = [
    statementOfBuild(result, builder),
    ...(test === undefined ? [] : [statementOfTest(result, test, builder)]),
  ];
  const envelopes: Envelope[] = [];
  for (const statement of statements) envelopes.push(await signStatement(signer, statement));
  if (publishFolder === undefined) return envelopes;
  const topics = topicsOf(result);
  const [ofBuild, ofTest] = envelopes;
  const folder = attestationFolder(publishFolder);
  await folder.add(ofBuild!, topics);
  // A test's results are of a commit, not of what its command leaves.
  if (ofTest !== undefined)
    await folder.add(
      ofTest,
      topics.filter(({ algorithm }) => algorithm !== "sha256"),
    );
  return envelopes;
}
