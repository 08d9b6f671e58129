/** What keeps a daemon from its work. */
export type AgentErrorCode =
  | "agents/locked"
  | "agents/unknown-program"
  | "agents/input-mismatch"
  | "agents/bad-publication"
  | "agents/too-large"
  | "agents/too-long"
  | "agents/undefendable"
  | "agents/fault-refused"
  | "agents/bad-fault";
