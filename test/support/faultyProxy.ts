import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What the proxy does with a request: pass it on, never answer, or answer this. */
export type Misbehaviour = (
  request: Request,
) => "pass" | "stall" | { status: number; body: string } | { change: (result: unknown) => unknown };

/** An HTTP proxy before an RPC server that stalls, invents and fails as a test wants it to. */
export interface FaultyProxy {
  readonly url: string;
  /** Requests seen, by method. */
  readonly seen: Map<string, number>;
  behave(how: Misbehaviour): void;
  /** Puts another server behind the proxy. */
  target(url: string): void;
  close(): Promise<void>;
}

export async function startFaultyProxy(url: string): Promise<FaultyProxy> {
  let target = url;
  let how: Misbehaviour = () => "pass";
  const seen = new Map<string, number>();
  const server: Server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const call = JSON.parse(text) as Request;
    seen.set(call.method, (seen.get(call.method) ?? 0) + 1);
    const what = how(call);
    if (what === "stall") return;
    if (typeof what === "object" && "status" in what) {
      response.writeHead(what.status, { "content-type": "application/json" }).end(what.body);
      return;
    }
    const real = await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body: text });
    let body = await real.text();
    if (typeof what === "object") {
      const parsed = JSON.parse(body) as { result: unknown };
      body = JSON.stringify({ ...parsed, result: what.change(parsed.result) });
    }
    response.writeHead(real.status, { "content-type": "application/json" }).end(body);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    behave(next) {
      how = next;
    },
    target(next) {
      target = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
