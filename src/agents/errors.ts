/** What keeps a daemon from its work. */
export type AgentErrorCode =
  | "agents/locked"
  | "agents/other-account"
  | "agents/unknown-environment"
  | "agents/input-mismatch"
  | "agents/bad-environment"
  | "agents/bad-publication"
  | "agents/log-fault"
  | "agents/too-large"
  | "agents/too-long"
  | "agents/undefendable"
  | "agents/fault-refused"
  | "agents/bad-fault"
  | "agents/port-taken"
  | "agents/closed"
  | "agents/bad-salt";
