/** What the index says by server-sent events, or that it does not: then one has to ask. */

/** How long until a stream is tried again that the host has refused. */
const retryMilliseconds = 60_000;

/** What has been heard since the last `take`. */
export interface Heard {
  /** Something is new, or may have been missed. */
  readonly isNew: boolean;
  /** Something about builds. */
  readonly ofBuilds: boolean;
}

const nothing: Heard = { isNew: false, ofBuilds: false };

/** The index's stream of changes, opened again when it ends. */
export class Changes {
  private stream: EventSource | undefined;
  private heard = nothing;
  private wake = () => {};

  constructor(private readonly url: URL) {
    this.open();
  }

  /** Whether there is no need to ask: what is new is told. */
  get isOpen(): boolean {
    return this.stream?.readyState === EventSource.OPEN;
  }

  /** What has been heard. It counts as taken notice of. */
  take(): Heard {
    const { heard } = this;
    this.heard = nothing;
    return heard;
  }

  /** Until something is heard, the stream opens or ends, or this much time is over. */
  async next(milliseconds: number): Promise<void> {
    if (this.heard.isNew) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private open(): void {
    const stream = new EventSource(this.url);
    this.stream = stream;
    // What has come while there was none is not told again.
    stream.addEventListener("open", () => this.hear(false));
    stream.addEventListener("change", ({ data }) => this.hear(isOfBuilds(data)));
    stream.addEventListener("error", () => {
      // A stream that has broken off the browser opens again by itself; one that was refused it does not.
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => this.open(), retryMilliseconds);
      this.wake();
    });
  }

  private hear(ofBuilds: boolean): void {
    this.heard = { isNew: true, ofBuilds: ofBuilds || this.heard.ofBuilds };
    this.wake();
  }
}

/** Nothing else of a message is used: what is new is asked for. */
function isOfBuilds(data: unknown): boolean {
  try {
    const { builds } = JSON.parse(String(data)) as { readonly builds?: unknown };
    return Array.isArray(builds) && builds.length > 0;
  } catch {
    return false;
  }
}
