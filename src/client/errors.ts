/** What a client refuses. */
export type ClientErrorCode =
  | "client/bad-publication"
  | "client/input-mismatch"
  | "client/unknown-program"
  | "client/bad-environment"
  | "client/timeout";
