import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** One connection to a `HeadServer`. */
export interface HeadConnection {
  /** Sends a text message, or a JSON-RPC object. */
  send(message: string | object): void;
  /** Sends bytes as they are, for frames that are none. */
  raw(bytes: Uint8Array): void;
  /** Ends it without a word. */
  cut(): void;
}

/** What a server does with each request: `answer` answers it as an honest node does. */
export type Behaviour = (
  connection: HeadConnection,
  request: { readonly id: number; readonly method: string },
  answer: () => void,
) => void;

/** A WebSocket server that answers what a node answers to those who want to know of new blocks, or does as a test wants. */
export interface HeadServer {
  readonly url: string;
  /** Connections that have been made. */
  readonly accepted: number;
  readonly connections: ReadonlySet<HeadConnection>;
  behave(how: Behaviour): void;
  /** Tells all of a new block. */
  tell(): void;
  close(): Promise<void>;
}

const honest: Behaviour = (_, __, answer) => answer();

export async function startHeadServer(chainId = 31337): Promise<HeadServer> {
  let how = honest;
  let accepted = 0;
  let block = 1;
  const connections = new Set<HeadConnection>();
  const sockets = new Set<Duplex>();
  const server = createServer((_, response) => response.writeHead(426).end());
  const results = (method: string) =>
    ({ eth_chainId: `0x${chainId.toString(16)}`, eth_subscribe: "0xabc", eth_blockNumber: `0x${block.toString(16)}` })[
      method
    ];

  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    accepted++;
    const connection: HeadConnection = {
      send: (message) => void socket.write(frame(typeof message === "string" ? message : JSON.stringify(message))),
      raw: (bytes) => void socket.write(bytes),
      cut: () => void socket.destroy(),
    };
    connections.add(connection);
    sockets.add(socket);
    socket.on("error", () => {});
    // An upgraded socket is half-open: nothing closes it when the other side has ended.
    socket.on("end", () => void socket.destroy());
    socket.on("close", () => {
      connections.delete(connection);
      sockets.delete(socket);
    });
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    let rest: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let read = unmask(rest); read !== undefined; read = unmask(rest)) {
        rest = rest.subarray(read.length);
        if (read.opcode !== 1) continue;
        const call = JSON.parse(read.text) as { id: number; method: string };
        how(connection, call, () => connection.send({ jsonrpc: "2.0", id: call.id, result: results(call.method) }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get accepted() {
      return accepted;
    },
    connections,
    behave(next) {
      how = next;
    },
    tell() {
      block++;
      const params = { subscription: "0xabc", result: { number: `0x${block.toString(16)}` } };
      for (const { send } of connections) send({ jsonrpc: "2.0", method: "eth_subscription", params });
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A text frame as servers send it. */
export function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([frameHead(payload.length), payload]);
}

/** The head of a text frame of so many bytes. */
export function frameHead(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, length]);
  const head = Buffer.alloc(10);
  head.set([0x81, 127]);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** The first whole frame of a client's, whose payloads are masked and short here. */
function unmask(bytes: Buffer): { opcode: number; text: string; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const isLong = (bytes[1]! & 127) === 126;
  const at = isLong ? 4 : 2;
  if (bytes.length < at + 4) return undefined;
  const size = isLong ? bytes.readUInt16BE(2) : bytes[1]! & 127;
  const length = at + 4 + size;
  if (bytes.length < length) return undefined;
  const text = Buffer.from(bytes.subarray(at + 4, length).map((byte, i) => byte ^ bytes[at + (i & 3)]!)).toString();
  return { opcode: bytes[0]! & 15, text, length };
}
