import type { Command } from "commander";

/** Options of a command that decides about many packages. */
export interface AuditOptions {
  readonly packages: readonly string[];
  readonly allowUnknown: boolean;
}

export function withAuditOptions(command: Command): Command {
  return command
    .option(
      "--packages <folder>",
      "packages' archives, by whose bytes a lock's sha512 is known: a folder of them, or npm's cache; repeatable (default: npm's cache)",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option(
      "--allow-unknown",
      "of packages: let those pass of which nobody whom the policy asks has said anything",
      false,
    );
}
