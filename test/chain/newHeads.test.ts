import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultSocketLimits, type SocketLimits } from "../../src/chain/headSocket.ts";
import { followNewHeads } from "../../src/chain/newHeads.ts";
import { startAnvil } from "../support/anvil.ts";
import { type Behaviour, frameHead, type HeadServer, startHeadServer } from "../support/headServer.ts";

let server: HeadServer;
let closing: { close(): void }[];
beforeEach(async () => {
  server = await startHeadServer();
  closing = [];
});
afterEach(async () => {
  for (const { close } of closing) close();
  await server.close();
});

/** Follows servers, and keeps what is said. Pauses are short: nothing here waits for their end by the clock. */
function follow(urls: readonly string[], change: Partial<SocketLimits> = {}, leastMilliseconds = 0) {
  const limits = { ...defaultSocketLimits, pause: 1, longestPause: 20, ...change };
  const heard = { hints: 0, troubles: [] as (string | undefined)[], hosts: new Set<string>() };
  let wake = () => {};
  const following = followNewHeads({
    urls,
    chainId: 31337n,
    limits,
    leastMilliseconds,
    onHint() {
      heard.hints++;
      wake();
    },
    onTrouble(host, why) {
      heard.hosts.add(host);
      heard.troubles.push(why);
      wake();
    },
  });
  closing.push(following);
  const until = async (holds: () => boolean) => {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 5);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  return { ...following, heard, until };
}

/** Until a server has been asked for all that makes a subscription. */
function subscribed(): Promise<void> {
  return new Promise((resolve) => {
    server.behave((_, { method }, answer) => {
      answer();
      if (method === "eth_subscribe") resolve();
    });
  });
}

describe("a socket for new blocks", () => {
  it("hears of each block of a real chain, without a poll", async () => {
    const anvil = await startAnvil();
    try {
      const { heard, until } = follow([anvil.url.replace("http:", "ws:")]);
      const mine = async () => void (await anvil.provider.send("evm_mine", []));
      // Blocks from before the subscription are not told.
      while (heard.hints === 0) await mine();
      for (let i = 0; i < 5; i++) {
        const before = heard.hints;
        await mine();
        await until(() => heard.hints > before);
      }
      expect(heard.troubles).toEqual([]);
    } finally {
      for (const { close } of closing) close();
      await anvil.close();
    }
  });

  it("gives hints no more often than it may, whatever it is sent", async () => {
    const ready = subscribed();
    const { heard, until } = follow([server.url], {}, 3_600_000);
    await ready;
    for (let i = 0; i < 500; i++) server.tell();
    await until(() => heard.hints > 0);
    server.behave((_, __, answer) => answer());
    const second = follow([server.url], {}, 20);
    await second.until(() => {
      server.tell();
      return second.heard.hints > 3;
    });
    expect(heard).toMatchObject({ hints: 1, troubles: [] });
  });

  const text = (message: string): Behaviour => {
    return ({ send }, { method }, answer) => (method === "eth_subscribe" ? send(message) : answer());
  };
  const misbehaviours: [string, Behaviour, string, Partial<SocketLimits>?][] = [
    ["closes", ({ cut }) => cut(), "closed the socket"],
    ["sends junk", text("<html>"), "not a JSON-RPC message"],
    ["sends a list", text("[]"), "not a JSON-RPC message"],
    ["sends what is not text", ({ raw }) => raw(Uint8Array.of(0x82, 1, 0)), "not a JSON-RPC message"],
    ["sends what is no frame", ({ raw }) => raw(Uint8Array.of(0xff, 0xff, 0xff)), "closed the socket ("],
    ["announces a frame of 2^40 bytes", ({ raw }) => raw(frameHead(2 ** 40)), "closed the socket ("],
    ["sends a long message", text(JSON.stringify({ method: "eth_subscription", x: "x".repeat(70_000) })), "too long"],
    [
      "sends many messages",
      ({ send }, { method }, answer) => {
        answer();
        const message = { method: "eth_subscription", x: "x".repeat(60_000) };
        if (method === "eth_subscribe") for (let i = 0; i < 20; i++) send(message);
      },
      "more than blocks can be",
    ],
    ["answers what was not asked", text('{"id":77,"result":"0x1"}'), "not asked for"],
    ["answers with a number", text('{"id":2,"result":5}'), "does not answer eth_subscribe as it should"],
    ["refuses", text('{"id":2,"error":{"message":"no \\u001b[2Jsubscriptions"}}'), "refuses eth_subscribe: no "],
    ["is of another chain", ({ send }, { id }) => send({ id, result: "0x1" }), "serves chain 1, not 31337"],
    ["never answers", () => {}, "did not answer eth_chainId within 30 ms", { timeout: 30 }],
    [
      "tells nothing of its blocks",
      ({ send }, { id, method }, answer) =>
        method === "eth_blockNumber"
          ? send({ id, result: `0x${performance.now().toString(16).replace(".", "")}` })
          : answer(),
      "does not tell of its new blocks",
      { silence: 1 },
    ],
  ];
  it.each(misbehaviours)(
    "that %s is said once, by its host, and left and opened again",
    async (_, how, why, change) => {
      server.behave(how);
      const { heard, until } = follow([`${server.url}/secret-key?token=secret`], change);
      await until(() => server.accepted > 3);
      expect(heard.troubles).toEqual([expect.stringContaining(why)]);
      expect([...heard.hosts]).toEqual([new URL(server.url).host]);
      expect(heard.troubles[0]).not.toMatch(/secret|\p{Cc}/u);
      // Each is left before the next is opened.
      await until(() => server.connections.size <= 1);
    },
  );

  it("that nobody serves, or that HTTP answers, is said once, without the secrets of its address", async () => {
    const http = await startHeadServer();
    closing.push({ close: () => void http.close() });
    const { port } = new URL(http.url);
    await http.close();
    const { heard, until } = follow([`ws://user:secret@127.0.0.1:${port}/secret`]);
    await until(() => heard.troubles.length > 0);
    expect(heard.troubles).toEqual([expect.stringMatching(/^does not open a socket \(.*ECONNREFUSED/)]);
    expect(JSON.stringify([...heard.hosts, heard.troubles])).not.toContain("secret");
  });

  it("says that it is over once it has worked for a while", async () => {
    server.behave(({ cut }) => cut());
    const { heard, until } = follow([server.url], { steady: 5 });
    await until(() => server.accepted > 2);
    server.behave((_, __, answer) => answer());
    await until(() => heard.troubles.length > 1);
    expect(heard.troubles).toEqual(["closed the socket", undefined]);
    server.tell();
    await until(() => heard.hints > 0);
  });

  it("ends at once, also where the server never says goodbye", async () => {
    const ready = subscribed();
    const following = follow([server.url]);
    await ready;
    following.close();
    await following.until(() => server.connections.size === 0);
    expect(following.heard.troubles).toEqual([]);
  });
});
