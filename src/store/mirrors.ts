import { AssayError } from "../core/errors.ts";
import type { ContentId } from "./contentId.ts";
import { Draft, MemorySpace } from "./draft.ts";
import type { StoreErrorCode } from "./errors.ts";
import { probeContent } from "./fetchContent.ts";
import { defaultFetchLimits } from "./fetchLimits.ts";
import { type MirrorAnswer, type MirrorOptions, mirrorHealth } from "./mirrorHealth.ts";
import type { ContentSource } from "./store.ts";
import { Transfer } from "./transfer.ts";

/**
 * Reads content from mirrors over HTTP, from one after the other in the order of `urls`, those without faults first. What one has sent
 * before it broke off is not asked for again, and beside one that is slow the next is asked. A mirror that fails or lies is named
 * (`onFault`) and left alone for a while, which grows. That content is not there, or larger than the caller takes, is no fault: anybody
 * can ask for such content.
 * @param urls http(s) addresses from the operator's configuration, never from a chain or from other content.
 */
export function mirrorSource(urls: readonly string[], options: MirrorOptions = {}): ContentSource {
  const { limits = defaultFetchLimits, signal } = options;
  const health = mirrorHealth(urls, options);

  async function bring(id: ContentId, maxBytes: number, draft: Draft, onSize?: (size: number) => void): Promise<void> {
    const asked = health.interview(id);
    const transfer = new Transfer({ id, maxBytes, draft, limits, signal, onRefusal: asked.refuse, onSize });
    const found = await transfer.run(asked.awake);
    if (found === undefined) throw nobodyBrought(id, asked.answers);
    health.praise(found);
  }

  return {
    bring,
    async get(id, maxBytes) {
      const space = new MemorySpace(maxBytes);
      const draft = new Draft(space);
      await bring(id, maxBytes, draft, (size) => space.expect(size));
      return space.bytes(draft.size);
    },
    async has(id) {
      const asked = health.interview(id);
      for (const url of asked.awake) {
        const answer = await probeContent(url, id, limits, signal);
        if (answer.kind === "brought") {
          health.praise(url);
          return true;
        }
        asked.refuse(url, answer);
      }
      if (asked.answers.every(({ kind }) => kind === "missing")) return false;
      throw nobodyBrought(id, asked.answers);
    },
  };
}

/** The error that lists every mirror. Its text is the same each time, so that a log can tell what it has said before. */
export function nobodyBrought(id: ContentId, answers: readonly MirrorAnswer[]): AssayError<StoreErrorCode> {
  const said = (...kinds: MirrorAnswer["kind"][]) => answers.every(({ kind }) => kinds.includes(kind));
  let code: "store/unreachable-fault" | "store/missing" | "store/too-large" = "store/unreachable-fault";
  if (said("missing")) code = "store/missing";
  else if (said("missing", "too-large")) code = "store/too-large";
  const list = answers.map(({ mirror, why }) => `${mirror} ${why}`).join("; ");
  return new AssayError(code, `no mirror brought ${id}: ${list}`, { id, mirrors: answers });
}
