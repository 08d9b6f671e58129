/** What strangers may take of a server. */
export interface StoreServerLimits {
  /** Connections at once; further ones are closed. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Larger contents are not served. */
  readonly maxBytes: number;
  /** From the first byte of a request, or the connection, to the request's end. */
  readonly requestMilliseconds: number;
  /** How long a connection stays open for a next request. */
  readonly idleMilliseconds: number;
  /** A reader must take `progressBytes` in each such time. */
  readonly progressMilliseconds: number;
  readonly progressBytes: number;
}

export const defaultStoreServerLimits: StoreServerLimits = {
  connections: 64,
  connectionsPerAddress: 8,
  maxBytes: 2 ** 30,
  requestMilliseconds: 10_000,
  idleMilliseconds: 5_000,
  progressMilliseconds: 10_000,
  progressBytes: 2 ** 16,
};
