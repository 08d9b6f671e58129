import { request } from "node:http";
import { json } from "node:stream/consumers";
import { network } from "hardhat";

/** A fresh local chain behind a real JSON-RPC server on a free port. */
export interface LocalServer {
  readonly url: string;
  /** Any RPC method, for what only a test may do: mining, clocks, balances. */
  send(method: string, params?: unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

export async function startServer(): Promise<LocalServer> {
  const server = await network.createServer("default", "127.0.0.1", 0);
  const { address, port } = await server.listen();
  const url = `http://${address}:${port}`;
  let id = 0;
  return {
    url,
    async send(method, params = []) {
      const answer = (await post(url, { jsonrpc: "2.0", id: ++id, method, params })) as {
        result?: unknown;
        error?: { message: string };
      };
      if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
      return answer.result;
    },
    close: () => server.close(),
  };
}

/** Over a connection of its own: one that is kept is closed by the server while a test computes for seconds. */
async function post(url: string, body: unknown): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  return await new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", headers, agent: false }, (response) => {
      json(response).then(resolve, reject);
    });
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}
