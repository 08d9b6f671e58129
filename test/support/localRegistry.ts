import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a registry of tests answers at a path: bytes, or whatever a function does with the response. */
export type RegistryAnswer = Uint8Array | string | ((response: ServerResponse) => void);

/** A server on loopback that answers what it is told to, by path, and remembers what it was asked. */
export async function startLocalRegistry(answers: ReadonlyMap<string, RegistryAnswer> = new Map()) {
  const given = new Map(answers);
  const asked: string[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url!);
    const answer = given.get(url!);
    if (answer === undefined) response.writeHead(404).end();
    else if (typeof answer === "function") answer(response);
    else response.end(answer);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: given,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
