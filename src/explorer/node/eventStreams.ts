import type { ServerResponse } from "node:http";
import { openHeaders } from "./answering.ts";
import type { IndexChange } from "./indexWriter.ts";

/** The most who listen at once. */
const mostStreams = 100;
/** The most ids in one message: who sees so many asks anew. */
const mostIds = 100;
/** Between comments that keep a silent stream open. */
const beatMilliseconds = 15_000;
/** What waits for a reader that takes nothing before it is dropped. */
const mostWaitingBytes = 2 ** 20;

/** Those who are told what changes in the index, by server-sent events. */
export class EventStreams {
  private readonly streams = new Set<ServerResponse>();
  private readonly beat = setInterval(() => this.write(":\n\n"), beatMilliseconds);

  /** @returns false when there are too many. */
  add(response: ServerResponse): boolean {
    if (this.streams.size >= mostStreams) return false;
    response.writeHead(200, {
      ...openHeaders,
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      // A proxy that collects answers would hold it back for ever.
      "x-accel-buffering": "no",
    });
    response.write("retry: 2000\n\n");
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
    return true;
  }

  tell({ chain, block, builds }: IndexChange): void {
    const data = JSON.stringify({ chain, block, builds: builds.slice(-mostIds), more: builds.length > mostIds });
    this.write(`event: change\ndata: ${data}\n\n`);
  }

  close(): void {
    clearInterval(this.beat);
    for (const stream of this.streams) stream.end();
  }

  private write(text: string): void {
    for (const stream of this.streams) {
      if (stream.writableLength > mostWaitingBytes) stream.destroy();
      else stream.write(text);
    }
  }
}
