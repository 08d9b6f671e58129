import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listenToNode } from "../../../src/agents/follower/nodeListener.ts";
import type { Log } from "../../../src/agents/log.ts";

const rid = "rad:z3gqcJUoA1n9HaHKufZs5FCSGazv5";
const event = `${JSON.stringify({ type: "refsFetched", rid })}\n`;

let folder: string;
let server: Server;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-node-"));
  path = join(folder, "control.sock");
  server = createServer((socket) => socket.on("error", () => {}));
  server.listen(path);
  await once(server, "listening");
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Listens; what it says and hears can be waited for. */
function start() {
  const ending = new AbortController();
  const heard: (string | undefined)[] = [];
  const warnings: unknown[] = [];
  let wake = () => {};
  const note = () => wake();
  const warn: Log["warn"] = ({ why }) => {
    warnings.push(why);
    wake();
  };
  const log: Log = { info: note, debug: note, error: note, warn };
  const onChange = (repository: string | undefined) => {
    heard.push(repository);
    wake();
  };
  const ended = listenToNode({ socket: path, log, signal: ending.signal, onChange });
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise<void>((resolve) => (wake = resolve));
  };
  const stop = async () => {
    ending.abort();
    await ended;
  };
  return { heard, warnings, until, stop };
}

describe("a listener to a Radicle node", () => {
  it("hears of changes, also in pieces and in the middle of characters", async () => {
    const connected = once(server, "connection");
    const { heard, until, stop } = start();
    const [socket] = (await connected) as [Socket];
    const bytes = Buffer.from(`{"type":"other","alias":"ü"}\n${event}${event}`);
    const half = bytes.indexOf(0xc3) + 1;
    socket.write(bytes.subarray(0, half), () => socket.write(bytes.subarray(half)));
    await until(() => heard.length === 3);
    expect(heard).toEqual([undefined, rid, rid]);
    await stop();
  });

  it("says once that a node refuses, however often it does", async () => {
    server.on("connection", (socket: Socket) => socket.end('{"error":"no"}\n'));
    const { heard, warnings, until, stop } = start();
    await until(() => heard.length === 3);
    expect(warnings).toEqual(["no"]);
    await stop();
  });

  it("leaves a node that sends a line without an end, and comes back", async () => {
    const connected = once(server, "connection");
    const { heard, warnings, until, stop } = start();
    const [socket] = (await connected) as [Socket];
    const again = once(server, "connection");
    socket.write(Buffer.alloc(2 ** 23, 0x20));
    await until(() => warnings.length === 1);
    expect(warnings).toEqual(["it sends a line without an end"]);
    await again;
    await until(() => heard.length === 2);
    await stop();
    expect(heard).toEqual([undefined, undefined]);
  });
});
