import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { answerByGit } from "./gitBackend.ts";

/**
 * `gitServer.ts <folder> <certificate> <key> <address>`: the repositories in a folder over HTTPS, by `git http-backend`. Prints its address.
 */
const [folder, certificate, key, address] = process.argv.slice(2) as [string, string, string, string];
const keys = { cert: readFileSync(certificate), key: readFileSync(key) };
const server = createServer(keys, (request, response) => answerByGit(folder, request, response));
server.listen(0, address, () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ url: `https://${address}:${port}` }));
});
