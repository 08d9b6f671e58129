import type { Topic } from "../../attestation/board.ts";
import { statementOfBuild } from "../../attestation/buildResult.ts";
import type { Envelope } from "../../attestation/dsse.ts";
import { withProof } from "../../attestation/execution.ts";
import type { Signer } from "../../attestation/keys.ts";
import { attestationFolder } from "../../attestation/node/attestationFolder.ts";
import { postEnvelope } from "../../attestation/publish.ts";
import { signStatement } from "../../attestation/statement.ts";
import { statementOfTest } from "../../attestation/testResult.ts";
import { topicsOf } from "../../attestation/topics.ts";
import { isAssayError } from "../../core/errors.ts";
import { remoteStore } from "../../store/httpUpload.ts";
import { directoryStore } from "../../store/node/directoryStore.ts";
import type { Task } from "../../tasks/task.ts";
import type { TaskResult } from "./runTask.ts";

/** A server that takes uploads (`assay store serve --accept`). */
export interface PublishPlace {
  readonly url: string;
  readonly token: string | undefined;
}

export interface PublishOptions {
  readonly signer: Signer;
  /** Of Assay, as it is signed. */
  readonly version: string;
  /** Where results and contents are published; `assay store serve` gives it out. Nothing is, where it is missing. */
  readonly publishFolder?: string | undefined;
  /** Servers that results and contents are written to as well. */
  readonly publishTo?: readonly PublishPlace[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Is told of a server that has not taken all. */
  readonly onFault?: ((url: string, why: string) => void) | undefined;
}

/** What is signed of a task, and what it is found by. */
interface Published {
  readonly envelope: Envelope;
  readonly topics: readonly Topic[];
}

/**
 * Signs what a task has come to, and publishes it with those contents that the task names. Contents first: where a result is found, what
 * it is about is found too.
 * @returns the envelopes: the build's, and for tests that of their results.
 */
export async function publishResult(
  done: TaskResult,
  task: Pick<Task, "publish" | "limits">,
  options: PublishOptions,
): Promise<readonly Envelope[]> {
  const contents = contentsOf(done, task);
  const signed = await sign(done, options);
  const { publishFolder, publishTo = [], signal, onFault = () => {} } = options;
  if (publishFolder !== undefined) {
    const store = directoryStore(publishFolder);
    for (const bytes of contents) await store.put(bytes);
    const folder = attestationFolder(publishFolder);
    await addAll(signed, async ({ envelope, topics }) => await folder.add(envelope, topics));
  }
  for (const { url, token } of publishTo) {
    try {
      const store = remoteStore(url, token, { signal });
      for (const bytes of contents) await store.put(bytes);
      await addAll(signed, async ({ envelope, topics }) => await postEnvelope(url, token, envelope, topics, signal));
    } catch (error) {
      signal?.throwIfAborted();
      onFault(url, error instanceof Error ? error.message : String(error));
    }
  }
  return signed.map(({ envelope }) => envelope);
}

/**
 * Adds each under its topics. What is found by its Radicle repository alone grows without end: where no more is taken there, results
 * are found by everything else.
 */
async function addAll(signed: readonly Published[], add: (one: Published) => Promise<void>): Promise<void> {
  for (const { envelope, topics } of signed) {
    await add({ envelope, topics: topics.filter(({ algorithm }) => algorithm !== "radicle") });
    const ofRepository = topics.filter(({ algorithm }) => algorithm === "radicle");
    if (ofRepository.length === 0) continue;
    await add({ envelope, topics: ofRepository }).catch((error: unknown) => {
      if (!isAssayError(error, "attestation/too-large", "store/not-taken-fault")) throw error;
    });
  }
}

function contentsOf(
  { input, artifact, checkpoints, log }: TaskResult,
  task: Pick<Task, "publish" | "limits">,
): Uint8Array[] {
  const { publish, limits } = task;
  const isKept = log !== undefined && log.length <= (limits.logBytes ?? log.length);
  const contents = { input, artifact, log: isKept ? log : undefined };
  return [checkpoints, ...publish.map((each) => contents[each])].filter((bytes) => bytes !== undefined);
}

async function sign(
  { result, executionKey, test }: TaskResult,
  { signer, version }: PublishOptions,
): Promise<Published[]> {
  const builder = { id: signer.keyId, version };
  const topics = topicsOf(result);
  const ofCommit = topics.filter(({ algorithm }) => algorithm !== "sha256");
  const proven = await withProof(result, executionKey, signer.keyId);
  const envelopeOfBuild = await signStatement(signer, statementOfBuild(proven, builder));
  const ofBuild = { envelope: envelopeOfBuild, topics };
  if (test === undefined) return [ofBuild];
  const envelope = await signStatement(signer, statementOfTest(result, test, builder));
  // A test's results are of a commit, not of what its command leaves.
  return [ofBuild, { envelope, topics: ofCommit }];
}
