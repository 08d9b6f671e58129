import { fileURLToPath } from "node:url";
import type { ExplorerSettings } from "../explorer/settings.ts";
import type { Config } from "./config.ts";

/** Where the page finds the contents of the operator's own folders, from its own place. */
const ownContents = "contents/";

/**
 * What the page is told: of the servers in the configurations only those that it says are public, and, to a page that only this machine
 * can see, those of this machine. Addresses of RPC servers are often secrets.
 * @param configs one for each chain. @param isLocal whether the page is served to this machine alone.
 */
export function explorerSettings(configs: readonly Config[], hasIndex: boolean, isLocal: boolean): ExplorerSettings {
  const own = foldersOf(configs).length > 0 ? [ownContents] : [];
  const unique = (urls: readonly string[]) => [...new Set(urls)];
  return {
    version: 1,
    chains: configs.map((config) => ({
      name: nameOf(config),
      chainId: config.chainId,
      assay: config.assay,
      deploymentBlock: config.deploymentBlock,
      rpc: unique([...config.explorer.rpc, ...(isLocal ? config.rpc.filter(isLoopback) : [])]),
      confirmations: config.confirmations,
      logRange: config.polling.logRange,
    })),
    stores: unique([
      ...own,
      ...configs.flatMap(({ explorer, stores }) => [
        ...explorer.stores,
        ...stores.map(({ url }) => url).filter((url) => /^https?:/.test(url) && (isLocal || !isLoopback(url))),
      ]),
    ]),
    attestations: unique([
      ...own,
      ...configs.flatMap(({ explorer }) => explorer.boards).filter((url) => /^https?:/.test(url)),
    ]),
    ...(hasIndex && { index: "api/v1" }),
  };
}

/** Folders whose contents the explorer gives out: the stores on this machine. */
export function foldersOf(configs: readonly Config[]): string[] {
  const urls = configs.flatMap(({ stores }) => stores.map(({ url }) => url)).filter((url) => url.startsWith("file:"));
  return [...new Set(urls)].map((url) => fileURLToPath(url));
}

/** What a chain is called. */
export function nameOf({ explorer, chainId }: Config): string {
  return explorer.name ?? `chain ${chainId}`;
}

/** Whether an address is of this machine. */
export function isLoopback(url: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
