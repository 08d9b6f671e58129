import { AssayError } from "../core/errors.ts";
import { fetchBytes } from "../store/fetchContent.ts";
import { defaultFetchLimits, type FetchLimits } from "../store/fetchLimits.ts";
import { type Bundle, parseBundle } from "./bundle.ts";
import { mostBundleCharacters } from "./limits.ts";

/**
 * What attestations are found by: the artifact, the source's commit or Radicle repository, the build or the key that they are about.
 */
export interface Topic {
  /** A repository's digest is what its id is made from: 20 bytes, as those of most commits. */
  readonly algorithm: "sha256" | "gitCommit" | "build" | "key" | "radicle";
  /** In lower-case hexadecimal, without prefix; of a key its 32 bytes. */
  readonly digest: string;
}

/**
 * Where attestations are found. Nothing of it is trusted: it may hold what strangers have put there, and hold back what others have
 * signed. Who reads it counts signatures of keys that it knows.
 */
export interface AttestationSource {
  /** Its address, for messages. */
  readonly url: string;
  /**
   * What is there about a topic; an empty bundle if there is nothing.
   * @param signal ends it early.
   * @throws AssayError `attestation/unreachable-fault`, `attestation/too-large`, `store/cancelled`
   */
  find(topic: Topic, signal?: AbortSignal): Promise<Bundle>;
}

/** The path of a topic's bundle, below the address or folder of a source. @throws AssayError `attestation/malformed` */
export function pathOf({ algorithm, digest }: Topic): string {
  return `attestations/${algorithm}/${digest}.intoto.jsonl`;
}

/** The topic whose bundle has this path; undefined if none has. */
export function topicAt(path: string): Topic | undefined {
  const found = /^attestations\/(sha256|gitCommit|build|key|radicle)\/([0-9a-f]{40}|[0-9a-f]{64})\.intoto\.jsonl$/.exec(
    path,
  );
  if (found === null) return undefined;
  const topic = { algorithm: found[1] as Topic["algorithm"], digest: found[2]! };
  const lengths = { sha256: [64], build: [64], key: [64], gitCommit: [40, 64], radicle: [40] };
  return lengths[topic.algorithm].includes(topic.digest.length) ? topic : undefined;
}

/** The attestations that a server gives out: `assay store serve`, or any static host with such files. */
export function attestationServer(url: string, limits: FetchLimits = defaultFetchLimits): AttestationSource {
  const base = url.endsWith("/") ? url : `${url}/`;
  return {
    url,
    async find(topic, signal) {
      const path = pathOf(topic);
      const answer = await fetchBytes(path, new URL(path, base), mostBundleCharacters, limits, signal);
      if (answer.kind === "missing") return { envelopes: [], unknown: 0 };
      if (answer.kind === "brought") return parseBundle(new TextDecoder().decode(answer.value));
      const { kind, why } = answer;
      const message = `the attestations at ${url} cannot be read: it ${why}`;
      if (kind === "too-large") throw new AssayError("attestation/too-large", message, { most: mostBundleCharacters });
      throw new AssayError("attestation/unreachable-fault", message, { url, why });
    },
  };
}
