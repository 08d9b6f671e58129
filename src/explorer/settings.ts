/**
 * What the page is told by its host, in `explorer.json` beside it. A static host serves a file of this shape; `assay explorer` makes it from
 * its own configuration.
 */
export interface ExplorerSettings {
  readonly version: 1;
  readonly chains: readonly {
    readonly name: string;
    readonly chainId: number;
    readonly assay: string;
    readonly deploymentBlock: number;
    /** Addresses of RPC servers, as the page reaches them. */
    readonly rpc: readonly string[];
    /** Blocks, or a tag. */
    readonly confirmations: number | "safe" | "finalized";
    readonly logRange: number;
  }[];
  /** Base addresses of stores and IPFS gateways: `<base>/<content id>` as `src/store` reads them. */
  readonly stores: readonly string[];
  /** Base addresses of boards of attestations. */
  readonly attestations: readonly string[];
  /** Base address of the index, relative to the page; absent where there is none. */
  readonly index?: string | undefined;
}
