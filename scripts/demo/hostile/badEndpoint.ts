import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Random } from "../../../test/support/random.ts";

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

type Log = Readonly<Record<string, unknown>> & { readonly data: string };

/** An RPC server of the kind that an operator gets for nothing: what it did, by name, is counted. */
export interface BadEndpoint {
  readonly url: string;
  readonly done: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** How many of a hundred requests each fault takes. */
const faults = { drops: 4, limits: 4, fails: 3, cuts: 2, forgets: 2, hides: 4, invents: 4 } as const;
type Fault = keyof typeof faults;

/**
 * A JSON-RPC server before a good one. It drops connections, says that it allows no more requests, answers 503, cuts answers off,
 * does not know blocks it has just named, stays behind for a while, and is wrong about the contract's events: hides some, changes
 * others.
 */
export async function startBadEndpoint(target: string, random: Random): Promise<BadEndpoint> {
  const done = new Map<string, number>();
  const count = (what: string) => void done.set(what, (done.get(what) ?? 0) + 1);
  let requests = 0;

  async function answer(text: string, response: ServerResponse): Promise<void> {
    const request = JSON.parse(text) as Request;
    requests++;
    const fault = faultFor(request, random);
    const send = (status: number, body: string, headers: Record<string, string> = {}) =>
      void response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    switch (fault) {
      case "drops":
        count("drops the connection");
        response.destroy();
        return;
      case "limits":
        count("answers 429");
        return send(429, '{"error":"too many requests"}', { "retry-after": "1" });
      case "fails":
        count("answers 503");
        return send(503, "<html>Service Unavailable</html>");
    }
    // One minute in four it knows nothing of the newest blocks.
    const lags = Math.floor(requests / 60) % 4 === 3;
    const answered = lags && isAboutHead(request) ? await askBehind(request, target) : await ask(request, target);
    if (lags && isAboutHead(request)) count("stays behind");
    if (fault === "cuts") {
      count("cuts its answer off");
      return send(200, answered.slice(0, answered.length / 2));
    }
    if (fault === "forgets" && request.method === "eth_getBlockByNumber" && request.params[0] !== "latest") {
      count("does not know a block");
      return send(200, JSON.stringify({ jsonrpc: "2.0", id: request.id, result: null }));
    }
    if ((fault === "hides" || fault === "invents") && request.method === "eth_getLogs") {
      const parsed = JSON.parse(answered) as { result?: Log[] };
      if (parsed.result !== undefined && parsed.result.length > 0) {
        count(fault === "hides" ? "hides events" : "invents events");
        return send(200, JSON.stringify({ ...parsed, result: fault === "hides" ? [] : parsed.result.map(change) }));
      }
    }
    send(200, answered);
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void answer(Buffer.concat(chunks).toString(), response).catch(() => response.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    done,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function faultFor({ method }: Request, random: Random): Fault | undefined {
  // What it does to a transaction the chain shows: it would not be the endpoint's doing.
  const kinds = Object.entries(faults) as [Fault, number][];
  let at = random.below(100);
  for (const [kind, share] of kinds) {
    if (at < share && !(method === "eth_sendRawTransaction" && kind === "hides")) return kind;
    at -= share;
  }
  return undefined;
}

function isAboutHead({ method, params }: Request): boolean {
  return method === "eth_blockNumber" || (method === "eth_getBlockByNumber" && params[0] === "latest");
}

/** The answer as it was three blocks ago. */
async function askBehind(request: Request, target: string): Promise<string> {
  const head = JSON.parse(await ask({ id: request.id, method: "eth_blockNumber", params: [] }, target)) as {
    result: string;
  };
  const older = `0x${Math.max(0, Number(head.result) - 3).toString(16)}`;
  if (request.method === "eth_blockNumber") return JSON.stringify({ ...head, result: older });
  return await ask({ ...request, params: [older, request.params[1] ?? false] }, target);
}

async function ask(request: Request, target: string): Promise<string> {
  const body = JSON.stringify({ jsonrpc: "2.0", ...request });
  const headers = { "content-type": "application/json" };
  return await (await fetch(target, { method: "POST", headers, body })).text();
}

/** Another last byte in what the event says. */
function change(log: Log): Log {
  const last = Number.parseInt(log.data.slice(-2) || "0", 16) ^ 1;
  return { ...log, data: `${log.data.slice(0, -2)}${last.toString(16).padStart(2, "0")}` };
}
