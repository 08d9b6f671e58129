import { createServer, type Server } from "node:http";
import type { Registry } from "prom-client";
import { AssayError } from "../core/errors.ts";
import type { HealthReport } from "./health.ts";

export interface StatusServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly registry: Registry;
  readonly report: () => HealthReport;
}

export interface StatusServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers `GET /metrics` for Prometheus, and `GET /healthz` with a `HealthReport`: status 200 if healthy, else 503.
 * @throws AssayError `agents/port-taken` when it cannot listen there.
 */
export async function startStatusServer({ host, port, registry, report }: StatusServerOptions): Promise<StatusServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 });
  server.maxConnections = 32;
  server.on("request", (request, response) => {
    const answer = (status: number, type: string, body: string) => {
      response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    const path = (request.url ?? "").split("?", 1)[0];
    if (request.method !== "GET" && request.method !== "HEAD") {
      answer(405, "text/plain", "only GET and HEAD\n");
    } else if (path === "/metrics") {
      registry.metrics().then(
        (text) => answer(200, registry.contentType, text),
        () => answer(500, "text/plain", "the metrics could not be read\n"),
      );
    } else if (path === "/healthz") {
      const health = report();
      answer(health.healthy ? 200 : 503, "application/json", `${JSON.stringify(health)}\n`);
    } else {
      answer(404, "text/plain", "there are /metrics and /healthz\n");
    }
  });
  const { address, port: taken } = await listen(server, host, port);
  return {
    url: `http://${address.includes(":") ? `[${address}]` : address}:${taken}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<{ address: string; port: number }> {
  return await new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "is taken by another process" : `cannot be used (${cause.code})`;
      const message = `port ${port} of ${host} ${why}: set metrics.port or metrics.host to another one`;
      reject(new AssayError("agents/port-taken", message, { host, port }, { cause }));
    });
    server.listen(port, host, () => resolve(server.address() as { address: string; port: number }));
  });
}
