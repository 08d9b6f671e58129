import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { JsonRpcProvider } from "ethers";

/** The program of the npm package: a second implementation of the EVM and of a node, which can reorganise its chain. */
const program = createRequire(import.meta.url).resolve("@foundry-rs/anvil/bin.mjs");

/**
 * A local chain of anvil's on a free port: every transaction is a block, and ten accounts whose keys it has hold 10,000 ether
 * each, unless the options say otherwise.
 */
export interface Anvil {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  close(): Promise<void>;
}

/** @param options of the program, besides the port: `--accounts 20`, `--block-time 1`, `--hardfork paris`. */
export async function startAnvil(options: readonly string[] = []): Promise<Anvil> {
  const child = spawn(process.execPath, [program, "--port", "0", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      const address = /^Listening on (.+)$/.exec(line)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
    child.on("error", reject);
    child.on("exit", (status) => reject(new Error(`anvil ended with status ${status}`)));
  });
  const provider = new JsonRpcProvider(url, undefined, { staticNetwork: true, cacheTimeout: -1 });
  return {
    url,
    provider,
    async close() {
      provider.destroy();
      child.kill();
      await ended;
    },
  };
}
