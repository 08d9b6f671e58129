/** What a client refuses. */
export type ClientErrorCode =
  | "client/bad-publication"
  | "client/input-mismatch"
  | "client/timeout"
  | "client/bad-policy";
