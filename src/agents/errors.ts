import type { Root } from "../core/bytes.ts";
import type { ErrorCodeOf, NoDetails } from "../core/errors.ts";
import type { OpenDuty } from "./standing.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** Another process uses the state directory. */
    "agents/locked": { folder: string; pid: number };
    /** The state directory is that of another account, which is not done. */
    "agents/other-account": {
      other: string;
      own: string;
      stateFolder: string;
      open: readonly string[];
      duty?: OpenDuty;
    };
    "agents/unknown-environment": { environment: { name: string; id: Root } };
    "agents/input-mismatch": { expected: Root; given: Root };
    /** The program or images of an environment are not those of its id. */
    "agents/bad-environment": { expected: Root; given: Root; environment: string };
    /** The log of a guest's console cannot be kept. */
    "agents/log-fault": NoDetails;
    "agents/too-large": { size: number };
    "agents/too-long": { buildId: Root };
    "agents/fault-refused": { chainId: bigint };
    "agents/bad-fault": { text: string };
    "agents/port-taken": { host: string; port: number };
    /** The secret of webhooks can be guessed. */
    "agents/bad-secret": { least: number };
    "agents/closed": { name: string };
    "agents/bad-salt": { file: string };
  }
}

/** What keeps a daemon from its work. */
export type AgentErrorCode = ErrorCodeOf<"agents">;
