import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { AssayError } from "../../core/errors.ts";
import type { Log } from "../log.ts";
import { addressesIn, addressOf, isFromForge } from "./webhookMessage.ts";

export interface WebhookOptions {
  /** Of the loopback address; 0 takes a free one. */
  readonly port: number;
  /** What the forge and this agent know. */
  readonly secret: string;
  /** Those that are followed. */
  readonly repositories: readonly string[];
  readonly log: Log;
  /** Told which of them a message is about. Nothing else of it is used. */
  readonly onMessage: (repository: string) => void;
}

export interface WebhookServer {
  readonly url: string;
  close(): Promise<void>;
}

const host = "127.0.0.1";
/** Of a message; forges send some hundred kilobytes. */
const mostBytes = 2 ** 23;
const shortestSecret = 16;

/**
 * Takes webhooks of GitHub, GitLab, Gitea and Forgejo on the loopback address; a reverse proxy brings them there. A message of somebody who
 * does not know the secret is refused. One of somebody who does brings the next look at a repository forward, and nothing more.
 * @throws AssayError `agents/port-taken`, `agents/bad-secret`
 */
export async function serveWebhooks(options: WebhookOptions): Promise<WebhookServer> {
  const { port, secret, log } = options;
  if (secret.length < shortestSecret) {
    const message = `the secret of webhooks has ${secret.length} characters: ${shortestSecret} are the least`;
    throw new AssayError("agents/bad-secret", message, { least: shortestSecret });
  }
  const server = createServer({
    ...{ requestTimeout: 10_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 },
    ...{ connectionsCheckingInterval: 1000, maxHeaderSize: 16_384 },
  });
  server.maxConnections = 32;
  server.on("request", (request, response) => {
    response.on("error", () => {});
    answer(request, options).then(
      ([status, text]) => {
        // What is left of a message that was not read is not waited for.
        response.writeHead(status, { "content-type": "text/plain", ...(!request.complete && { connection: "close" }) });
        response.end(`${text}\n`);
      },
      () => response.destroy(),
    );
  });
  try {
    const listening = once(server, "listening");
    server.listen(port, host);
    await listening;
  } catch (cause) {
    const message = `port ${port} of ${host} cannot be used (${(cause as NodeJS.ErrnoException).code}): name another one with --webhook-port`;
    throw new AssayError("agents/port-taken", message, { host, port }, { cause });
  }
  const url = `http://${host}:${(server.address() as AddressInfo).port}/`;
  log.info({ url }, "webhooks are taken");
  return {
    url,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  { secret, repositories, log, onMessage }: WebhookOptions,
): Promise<readonly [number, string]> {
  if (request.method !== "POST") return [405, "only POST"];
  const body = await bodyOf(request);
  if (body === undefined) return [413, `a message has ${mostBytes} bytes at most`];
  if (!isFromForge(request.headers, body, secret)) {
    log.warn({ from: request.headers["user-agent"] }, "a webhook is refused: it is not signed with the secret");
    return [401, "not signed with the secret"];
  }
  let addresses: ReadonlySet<string>;
  try {
    addresses = addressesIn(request.headers, body);
  } catch {
    return [400, "not JSON"];
  }
  const followed = repositories.filter((repository) => addresses.has(addressOf(repository) ?? ""));
  if (followed.length === 0) return [404, "this repository is not followed"];
  for (const repository of followed) onMessage(repository);
  return [202, "will look"];
}

/** The whole body; undefined if it is too large. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
