import { WebSocketProvider } from "ethers";
import { printable } from "../core/printable.ts";
import { hostOf } from "./rpcEndpoints.ts";

/** How patient a socket is. Milliseconds. */
export interface SocketLimits {
  /** For the connection to open, and for each answer. */
  readonly timeout: number;
  /** After so long without a message the server is asked for its newest block. */
  readonly silence: number;
  /** Before the first new attempt after a failure; it doubles each time, up to `longestPause`. */
  readonly pause: number;
  readonly longestPause: number;
  /** A socket that has worked for so long counts as healed: the next pause is the first again. */
  readonly steady: number;
}

export const defaultSocketLimits: SocketLimits = {
  timeout: 20_000,
  silence: 30_000,
  pause: 1000,
  longestPause: 60_000,
  steady: 60_000,
};

export interface SocketOptions {
  readonly chainId: bigint;
  readonly limits: SocketLimits;
  /** The server says that there is a new block. It may say so at any time. */
  readonly onHead: () => void;
  /** Called once when a trouble begins, and once without `why` when it is over. */
  readonly onTrouble: (host: string, why: string | undefined) => void;
}

/** Characters of a message, at most: a header has a few thousand. */
const longestMessage = 2 ** 16;
/** Characters of all messages within a second, at most: hundreds of headers. */
const mostInASecond = 2 ** 20;

const requests = {
  chain: { id: 1, method: "eth_chainId", params: [] },
  subscribe: { id: 2, method: "eth_subscribe", params: ["newHeads"] },
  newest: { id: 3, method: "eth_blockNumber", params: [] },
} as const;

type Request = keyof typeof requests;

/** What browsers' WebSocket and that of the package `ws` have in common; only the latter ends without the server's consent. */
interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message?: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
  terminate?(): void;
}

/** A socket to one server that tells of new blocks, opened again and again while it fails. Works in browsers. */
export class HeadSocket {
  private readonly host: string;
  private socket: Socket | undefined;
  /** Failures since it last worked for a while. */
  private failures = 0;
  private inTrouble = false;
  private closed = false;
  /** What is waited for: an answer, silence, the next attempt. */
  private timer: ReturnType<typeof setTimeout> | undefined;
  private steadyTimer: ReturnType<typeof setTimeout> | undefined;
  private asked: Request | undefined;
  /** The newest block of the last time when it was asked, while no block has been told of since. */
  private newest: string | undefined;
  /** How often in a row that one was another than before. */
  private untold = 0;
  /** Characters since the second began, and when that was, in milliseconds. */
  private received = { characters: 0, since: 0 };

  constructor(
    private readonly url: string,
    private readonly options: SocketOptions,
  ) {
    this.host = hostOf(url);
    this.open();
  }

  /** For good. */
  close(): void {
    this.closed = true;
    this.drop();
  }

  private open(): void {
    const { timeout } = this.options.limits;
    let socket: Socket;
    try {
      socket = socketTo(this.url);
    } catch {
      this.fail("has an address that no socket can be opened to");
      return;
    }
    this.socket = socket;
    this.after(timeout, () => this.fail(`did not open a socket within ${timeout} ms`));
    let failure = "does not open a socket";
    socket.onopen = () => {
      failure = "closed the socket";
      this.ask("chain");
    };
    socket.onmessage = ({ data }) => this.read(data);
    socket.onerror = ({ message }) => {
      if (typeof message === "string" && message !== "") failure += ` (${printable(message, 120)})`;
    };
    socket.onclose = () => this.fail(failure);
  }

  private ask(request: Request): void {
    const { timeout } = this.options.limits;
    this.asked = request;
    this.socket!.send(JSON.stringify({ jsonrpc: "2.0", ...requests[request] }));
    this.after(timeout, () => this.fail(`did not answer ${requests[request].method} within ${timeout} ms`));
  }

  /** Nothing is believed of what a message says but that there may be news. */
  private read(data: unknown): void {
    if (this.isFlood(data)) return this.fail("sends more than blocks can be");
    const message = parsed(data);
    if (message === undefined) return this.fail("sent something that is not a JSON-RPC message, or too long for one");
    const { id, method, result, error } = message;
    if (this.asked !== undefined && id === requests[this.asked].id) {
      const { method } = requests[this.asked];
      if (error !== undefined) {
        const said = printable(String((error as { message?: unknown } | null)?.message), 120);
        return this.fail(`refuses ${method}: ${said}`);
      }
      if (typeof result !== "string" || result.length > 100) return this.fail(`does not answer ${method} as it should`);
      return this.answered(this.asked, result);
    }
    if (method !== "eth_subscription") return this.fail("sent what it was not asked for");
    this.newest = undefined;
    this.untold = 0;
    if (this.asked === undefined) this.awaitNews();
    this.options.onHead();
  }

  private answered(request: Request, result: string): void {
    this.asked = undefined;
    if (request === "chain") {
      const given = /^0x[0-9a-f]{1,16}$/i.test(result) ? BigInt(result) : undefined;
      if (given === this.options.chainId) this.ask("subscribe");
      else this.fail(`serves chain ${given ?? "?"}, not ${this.options.chainId}`);
      return;
    }
    if (request === "subscribe") {
      this.steadyTimer = setTimeout(() => this.heal(), this.options.limits.steady);
    } else {
      if (this.newest !== undefined && this.newest !== result) this.untold++;
      // The first time the message about it may be under way.
      if (this.untold > 1) return this.fail("does not tell of its new blocks");
      this.newest = result;
    }
    this.awaitNews();
  }

  private isFlood(data: unknown): boolean {
    const now = performance.now();
    if (now - this.received.since > 1000) this.received = { characters: 0, since: now };
    this.received.characters += typeof data === "string" ? data.length : 0;
    return this.received.characters > mostInASecond;
  }

  private awaitNews(): void {
    this.after(this.options.limits.silence, () => this.ask("newest"));
  }

  private heal(): void {
    this.failures = 0;
    if (!this.inTrouble) return;
    this.inTrouble = false;
    this.options.onTrouble(this.host, undefined);
  }

  /** Leaves the connection, and makes a new one after a pause. */
  private fail(why: string): void {
    this.drop();
    if (!this.inTrouble) {
      this.inTrouble = true;
      this.options.onTrouble(this.host, why);
    }
    const { pause, longestPause } = this.options.limits;
    const next = Math.min(longestPause, pause * 2 ** Math.min(this.failures++, 20));
    this.after(next * (1 + Math.random() / 4), () => this.open());
  }

  private drop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.steadyTimer);
    const socket = this.socket;
    this.socket = undefined;
    this.asked = undefined;
    this.newest = undefined;
    this.untold = 0;
    if (socket === undefined) return;
    const ignore = () => {};
    Object.assign(socket, { onopen: ignore, onmessage: ignore, onerror: ignore, onclose: ignore });
    if (socket.terminate === undefined) socket.close();
    else socket.terminate();
  }

  private after(milliseconds: number, act: () => void): void {
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(act, milliseconds);
  }
}

/**
 * The socket that ethers opens: in browsers their own, in Node that of the package `ws`, which keeps 100 MiB of a message at most.
 * Node's own cannot be ended while the server does not answer.
 */
function socketTo(url: string): Socket {
  return new WebSocketProvider(url).websocket as unknown as Socket;
}

function parsed(data: unknown): Record<string, unknown> | undefined {
  if (typeof data !== "string" || data.length > longestMessage) return undefined;
  try {
    const message: unknown = JSON.parse(data);
    const isObject = typeof message === "object" && message !== null && !Array.isArray(message);
    return isObject ? (message as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
