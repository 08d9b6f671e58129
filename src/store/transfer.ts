import type { ContentId } from "./contentId.ts";
import { type Draft, type DraftPart, unknownSender } from "./draft.ts";
import { type Answer, fetchIntoDraft, type Refusal } from "./fetchContent.ts";
import type { FetchLimits } from "./fetchLimits.ts";

/** What a transfer is told. */
export interface TransferOptions {
  readonly id: ContentId;
  readonly maxBytes: number;
  readonly draft: Draft;
  readonly limits: FetchLimits;
  readonly signal?: AbortSignal | undefined;
  /** Called for each answer that is not the content, with the mirror that gave it. */
  readonly onRefusal: (mirror: string, refusal: Refusal) => void;
  /** Called when a mirror says how long the content is. */
  readonly onSize?: ((size: number) => void) | undefined;
}

/** A mirror that is sending. */
interface Sender {
  readonly mirror: string;
  /** What was there when it began. */
  readonly from: number;
  readonly controller: AbortController;
  readonly done: Promise<Answer<number> | "ended">;
}

const otherBytes: Refusal = { kind: "lied", why: "sent other bytes than asked for" };
const overtaken: Refusal = { kind: "failed", why: "was so slow that another mirror overtook it" };

/**
 * One content on its way from several mirrors, of which none is trusted. A mirror that breaks off is gone on from where it stopped,
 * by the next mirror or, when there is none, by itself. Beside one that is slow the next is asked; who is behind is ended. If the bytes
 * of several mirrors together are not the content, each is asked alone, and as soon as the content is there it shows whose part was wrong.
 */
export class Transfer {
  private readonly tags = new Map<string, string>();
  private readonly tries = new Map<string, number>();
  /** Mirrors that have been named for wrong bytes. */
  private readonly liars = new Set<string>();

  constructor(private readonly options: TransferOptions) {}

  /**
   * Brings the content into the draft.
   * @param mirrors in the order of preference. @returns the mirror that sent its end; undefined if none brought it.
   * @throws AssayError `store/cancelled`, and what the draft's space throws
   */
  async run(mirrors: readonly string[]): Promise<string | undefined> {
    const queue = [...mirrors];
    const senders = new Map<string, Sender>();
    try {
      const found = await this.together(queue, senders);
      if (found !== "mixed") return found;
    } finally {
      await endAll(senders);
    }
    return await this.apart(mirrors);
  }

  private async together(queue: string[], senders: Map<string, Sender>): Promise<string | "mixed" | undefined> {
    const { draft, onRefusal } = this.options;
    if (draft.size > 0 && (await this.isWhole(draft.size))) return unknownSender;
    for (;;) {
      if (senders.size === 0) {
        const next = queue.shift();
        if (next === undefined) return undefined;
        this.begin(next, senders);
      }
      const event = await this.nextEvent(senders, queue.length > 0 && senders.size === 1);
      if (event === "slow") {
        this.begin(queue.shift()!, senders);
        continue;
      }
      const { sender, answer } = event;
      const { mirror } = sender;
      senders.delete(mirror);
      if (answer === "ended") {
        onRefusal(mirror, overtaken);
        this.tryAgain(sender, queue);
        continue;
      }
      if (answer.kind === "brought") {
        if (answer.value === draft.size && (await this.isWhole(draft.size))) return mirror;
        if (!draft.isOf(mirror) || senders.size > 0) return "mixed";
        this.accuse(mirror);
        draft.cut(0);
        continue;
      }
      onRefusal(mirror, answer);
      const last = draft.parts.at(-1);
      if (answer.kind === "too-large" && last?.mirror === mirror && senders.size === 0) draft.cut(sender.from);
      else if (answer.kind === "failed") this.tryAgain(sender, queue);
    }
  }

  /** Each mirror alone, from the first byte on. */
  private async apart(mirrors: readonly string[]): Promise<string | undefined> {
    const { draft } = this.options;
    const suspects = await this.fingerprints();
    for (const mirror of mirrors) {
      draft.cut(0);
      const queue = [mirror];
      this.tries.delete(mirror);
      const senders = new Map<string, Sender>();
      try {
        const found = await this.together(queue, senders);
        if (found === undefined || found === "mixed") continue;
        for (const { mirror: suspect, from, end, id } of suspects) {
          const isRight = end <= draft.size && (await draft.idOf(from, end)) === id;
          if (!isRight && suspect !== unknownSender && !this.liars.has(suspect)) this.accuse(suspect);
        }
        return found;
      } finally {
        await endAll(senders);
      }
    }
    return undefined;
  }

  /** What each mirror has sent, so that it can be compared later. */
  private async fingerprints(): Promise<(DraftPart & { readonly id: ContentId })[]> {
    const { draft } = this.options;
    const found: (DraftPart & { readonly id: ContentId })[] = [];
    for (const part of draft.parts) found.push({ ...part, id: await draft.idOf(part.from, part.end) });
    return found;
  }

  private accuse(mirror: string): void {
    this.liars.add(mirror);
    this.options.onRefusal(mirror, otherBytes);
  }

  private async isWhole(size: number): Promise<boolean> {
    return (await this.options.draft.idOf(0, size)) === this.options.id;
  }

  private begin(mirror: string, senders: Map<string, Sender>): void {
    const { signal, onSize, draft } = this.options;
    const controller = new AbortController();
    this.tries.set(mirror, (this.tries.get(mirror) ?? 0) + 1);
    const tag = this.tags.get(mirror);
    const asked = fetchIntoDraft({
      ...this.options,
      mirror,
      tag,
      signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
      onHead: (size, tag) => {
        if (tag !== undefined) this.tags.set(mirror, tag);
        if (size !== undefined) onSize?.(size);
      },
      onFresh() {
        // Those that began before it, and are behind now.
        for (const other of senders.values()) {
          if (other.mirror === mirror) break;
          other.controller.abort();
        }
      },
    });
    const done = asked.catch((error: unknown) => {
      if (controller.signal.aborted && !signal?.aborted) return "ended" as const;
      throw error;
    });
    // It is waited for with the next event; until then a failure is nobody's.
    done.catch(() => {});
    senders.set(mirror, { mirror, from: draft.size, controller, done });
  }

  /** A mirror that has sent something is asked again when the others have been. */
  private tryAgain({ mirror, from }: Sender, queue: string[]): void {
    const hasSent = this.options.draft.parts.some((part) => part.mirror === mirror && part.end > from);
    if (hasSent && this.tries.get(mirror)! < this.options.limits.tries) queue.push(mirror);
  }

  /** Until a sender has ended, or the only one has turned out to be slow. */
  private async nextEvent(
    senders: ReadonlyMap<string, Sender>,
    mayRace: boolean,
  ): Promise<"slow" | { readonly sender: Sender; readonly answer: Answer<number> | "ended" }> {
    const { draft, limits } = this.options;
    const ends = [...senders.values()].map(async (sender) => ({ sender, answer: await sender.done }));
    if (!mayRace) return await Promise.race(ends);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const slow = new Promise<"slow">((resolve) => {
      const watch = (before: number) => {
        timer = setTimeout(() => {
          if (draft.size - before < limits.raceBytes) resolve("slow");
          else watch(draft.size);
        }, limits.raceMilliseconds);
      };
      watch(draft.size);
    });
    try {
      return await Promise.race([...ends, slow]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Ends what is still under way, so that nothing more is written. */
async function endAll(senders: ReadonlyMap<string, Sender>): Promise<void> {
  for (const { controller } of senders.values()) controller.abort();
  await Promise.allSettled([...senders.values()].map(async ({ done }) => await done));
}
