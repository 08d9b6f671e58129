import { z } from "zod";
import { printable } from "../core/printable.ts";

/** What a daemon says of itself at `/healthz`. */
const schema = z.object({
  healthy: z.boolean(),
  daemon: z.string().max(100),
  reasons: z.array(z.string().max(2000)).max(20),
  rounds: z.number(),
  failedRounds: z.number(),
  lastRound: z.object({ endedAt: z.string().max(40), secondsAgo: z.number() }).optional(),
  failure: z.object({ endedAt: z.string().max(40), inARow: z.number(), why: z.string().max(2000) }).optional(),
});

/** `answers` is false when nothing, or something else, listens there. */
export type DaemonHealth =
  | ({ readonly answers: true } & z.infer<typeof schema>)
  | { readonly answers: false; readonly url: string; readonly why: string };

const timeoutMilliseconds = 3000;
const mostBytes = 65_536;

/** Asks the daemon that the configuration's `metrics` names. */
export async function askDaemon({ host, port }: { host: string; port: number }): Promise<DaemonHealth> {
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/healthz`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMilliseconds), redirect: "error" });
    const checked = schema.safeParse(JSON.parse(await textOf(response)));
    if (checked.success) return { answers: true, ...checked.data };
    return { answers: false, url, why: "the server at that port is not a daemon of Assay" };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    return { answers: false, url, why: printable(cause?.code ?? message) };
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > mostBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
