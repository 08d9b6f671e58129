/** What is wrong with how a command was called or configured. */
export type CliErrorCode =
  | "cli/bad-config"
  | "cli/no-config"
  | "cli/bad-argument"
  | "cli/refused"
  | "cli/port-taken"
  | "cli/cancelled";
