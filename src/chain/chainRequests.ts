/** One answer, and whose it is. */
export interface ServerAnswer {
  readonly result: unknown;
  /** Number of the server in the list of them. */
  readonly server: number;
  readonly host: string;
}

/** Plain JSON-RPC requests to one or several servers of the same chain. */
export interface ChainRequests {
  /** How many servers there are. */
  readonly servers: number;
  /** Its address as it may be shown. */
  hostOf(server: number): string;
  /**
   * @param only number of the one server that is to answer; by default whichever is best.
   * @throws AssayError `chain/rpc-fault` when the answer is an error; `chain/...-fault` when there is none
   */
  ask(method: string, params: readonly unknown[], only?: number): Promise<ServerAnswer>;
}

export const hexOf = (number: number): string => `0x${number.toString(16)}`;
