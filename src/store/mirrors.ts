import { AssayError } from "../core/errors.ts";
import type { ContentId } from "./contentId.ts";
import type { StoreErrorCode } from "./errors.ts";
import { type Answer, fetchContent, probeContent, type Refusal } from "./fetchContent.ts";
import { defaultFetchLimits, type FetchLimits } from "./fetchLimits.ts";
import type { ContentSource } from "./store.ts";

/** A mirror that is left alone for a while, and why. */
export interface MirrorFault {
  readonly mirror: string;
  readonly id: ContentId;
  readonly kind: "failed" | "lied";
  readonly why: string;
  readonly pauseSeconds: number;
}

/** Limits of fetching, and what is told of mirrors that fail. */
export interface MirrorOptions {
  readonly limits?: FetchLimits;
  /** Ends what is under way. */
  readonly signal?: AbortSignal | undefined;
  readonly onFault?: ((fault: MirrorFault) => void) | undefined;
  /** The clock of the pauses, in milliseconds. */
  readonly now?: () => number;
}

/** What one mirror said, or that it was not asked. */
export interface MirrorAnswer {
  readonly mirror: string;
  readonly kind: Refusal["kind"] | "resting";
  readonly why: string;
}

/** One mirror, and how it has answered of late. */
interface Mirror {
  readonly url: string;
  /** Failures since it last brought something; lies are never forgotten. */
  failures: number;
  lies: number;
  /** It is left alone until then. Milliseconds. */
  restsUntil: number;
  /** Its last fault. */
  why: string;
}

/** The first pause of each kind, doubled with each further fault up to the longest. */
const pauses = {
  failed: { firstSeconds: 1, longestSeconds: 60 },
  lied: { firstSeconds: 60, longestSeconds: 3600 },
} as const;

/**
 * Reads content from mirrors over HTTP, from one after the other in the order of `urls`, those without faults first. A mirror
 * that fails or lies is named (`onFault`) and left alone for a while, which grows. That content is not there, or larger than
 * the caller takes, is no fault: anybody can ask for such content.
 * @param urls http(s) addresses from the operator's configuration, never from a chain or from other content.
 */
export function mirrorSource(urls: readonly string[], options: MirrorOptions = {}): ContentSource {
  const { limits = defaultFetchLimits, signal, onFault, now = Date.now } = options;
  const mirrors: Mirror[] = urls.map((url) => ({ url, failures: 0, lies: 0, restsUntil: 0, why: "" }));

  function note(mirror: Mirror, id: ContentId, { kind, why }: Refusal): void {
    if (kind !== "failed" && kind !== "lied") return;
    const times = kind === "lied" ? ++mirror.lies : ++mirror.failures;
    const { firstSeconds, longestSeconds } = pauses[kind];
    const pauseSeconds = Math.min(longestSeconds, firstSeconds * 2 ** (times - 1));
    mirror.restsUntil = Math.max(mirror.restsUntil, now() + pauseSeconds * 1000);
    mirror.why = why;
    onFault?.({ mirror: mirror.url, id, kind, why, pauseSeconds });
  }

  /** Asks one mirror after the other until one brings something. @returns it, or what each of them said. */
  async function first<T>(
    id: ContentId,
    ask: (url: string) => Promise<Answer<T>>,
  ): Promise<{ readonly value: T } | readonly MirrorAnswer[]> {
    const answers: MirrorAnswer[] = [];
    for (const mirror of [...mirrors].sort((a, b) => a.lies - b.lies || a.failures - b.failures)) {
      if (mirror.restsUntil > now()) {
        answers.push({ mirror: mirror.url, kind: "resting", why: `is left alone, since it ${mirror.why}` });
        continue;
      }
      const answer = await ask(mirror.url);
      if (answer.kind === "brought") {
        mirror.failures = 0;
        return answer;
      }
      note(mirror, id, answer);
      answers.push({ mirror: mirror.url, ...answer });
    }
    return answers;
  }

  return {
    async get(id, maxBytes) {
      const found = await first(id, async (url) => await fetchContent(url, id, maxBytes, limits, signal));
      if ("value" in found) return found.value;
      throw nobodyBrought(id, found);
    },
    async has(id) {
      const found = await first(id, async (url) => await probeContent(url, id, limits, signal));
      if ("value" in found) return true;
      if (found.every(({ kind }) => kind === "missing")) return false;
      throw nobodyBrought(id, found);
    },
  };
}

/** The error that lists every mirror. Its text is the same each time, so that a log can tell what it has said before. */
function nobodyBrought(id: ContentId, answers: readonly MirrorAnswer[]): AssayError<StoreErrorCode> {
  const said = (...kinds: MirrorAnswer["kind"][]) => answers.every(({ kind }) => kinds.includes(kind));
  let code: "store/unreachable-fault" | "store/missing" | "store/too-large" = "store/unreachable-fault";
  if (said("missing")) code = "store/missing";
  else if (said("missing", "too-large")) code = "store/too-large";
  const list = answers.map(({ mirror, why }) => `${mirror} ${why}`).join("; ");
  return new AssayError(code, `no mirror brought ${id}: ${list}`, { id, mirrors: answers });
}
