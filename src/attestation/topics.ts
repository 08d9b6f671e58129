import { toHex } from "../core/bytes.ts";
import type { Topic } from "./board.ts";
import type { BuildResult } from "./buildResult.ts";
import { type KeyId, publicKeyOf } from "./keys.ts";
import { firstDocumentIn } from "./repositoryId.ts";

/** Under what a result is found: its build, its artifact, the commit of its source, and the Radicle repository that that is in. */
export function topicsOf({ buildId, artifact, source }: BuildResult): Topic[] {
  const { gitCommit } = source.digest;
  const repository = firstDocumentIn(source.uri);
  return [
    { algorithm: "build", digest: buildId.slice(2) },
    ...(artifact === undefined ? [] : [{ algorithm: "sha256" as const, digest: artifact.sha256 }]),
    ...(gitCommit === undefined ? [] : [{ algorithm: "gitCommit" as const, digest: gitCommit }]),
    ...(repository === undefined ? [] : [{ algorithm: "radicle" as const, digest: repository }]),
  ];
}

/** Under what statements about a key are found. */
export function topicOfKey(key: KeyId): Topic {
  return { algorithm: "key", digest: toHex(publicKeyOf(key)).slice(2) };
}
