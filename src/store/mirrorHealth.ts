import type { ContentId } from "./contentId.ts";
import type { Refusal } from "./fetchContent.ts";
import type { FetchLimits } from "./fetchLimits.ts";

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

/** How mirrors have answered, and who of them is asked. */
export interface MirrorHealth {
  /** A mirror has brought something: what has failed before is forgotten. */
  praise(url: string): void;
  /** Begins to ask for one content. */
  interview(id: ContentId): Interview;
}

/** What each mirror says about one content. */
export interface Interview {
  /** Those that do not rest, in the order in which they are to be asked: those without faults first. */
  readonly awake: readonly string[];
  /** Takes down what one has said instead of bringing it; a fault is named (`onFault`), and it rests for a while, which grows. */
  refuse(url: string, refusal: Refusal): void;
  /** What those have said that brought nothing, or why they were not asked. */
  readonly answers: readonly MirrorAnswer[];
}

export function mirrorHealth(urls: readonly string[], { onFault, now = Date.now }: MirrorOptions): MirrorHealth {
  const mirrors = new Map<string, Mirror>(
    urls.map((url) => [url, { url, failures: 0, lies: 0, restsUntil: 0, why: "" }]),
  );

  function note(mirror: Mirror, id: ContentId, { kind, why }: Refusal): void {
    if (kind !== "failed" && kind !== "lied") return;
    const times = kind === "lied" ? ++mirror.lies : ++mirror.failures;
    const { firstSeconds, longestSeconds } = pauses[kind];
    const pauseSeconds = Math.min(longestSeconds, firstSeconds * 2 ** (times - 1));
    mirror.restsUntil = Math.max(mirror.restsUntil, now() + pauseSeconds * 1000);
    mirror.why = why;
    onFault?.({ mirror: mirror.url, id, kind, why, pauseSeconds });
  }

  return {
    praise(url) {
      const mirror = mirrors.get(url);
      if (mirror === undefined || mirror.failures === 0) return;
      mirror.failures = 0;
      if (mirror.lies === 0) mirror.restsUntil = 0;
    },
    interview(id) {
      const inOrder = [...mirrors.values()].sort((a, b) => a.lies - b.lies || a.failures - b.failures);
      const said = new Map<string, MirrorAnswer>();
      for (const { url, restsUntil, why } of inOrder) {
        if (restsUntil <= now()) continue;
        said.set(url, { mirror: url, kind: "resting", why: `is left alone, since it ${why}` });
      }
      return {
        awake: inOrder.filter(({ url }) => !said.has(url)).map(({ url }) => url),
        refuse(url, refusal) {
          note(mirrors.get(url)!, id, refusal);
          said.set(url, { mirror: url, ...refusal });
        },
        get answers() {
          return inOrder.flatMap(({ url }) => said.get(url) ?? []);
        },
      };
    },
  };
}
