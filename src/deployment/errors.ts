import type { ErrorCodeOf } from "../core/errors.ts";
import type { ParameterRule } from "../protocol/parameters.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    "deployment/bad-parameters": { file: string; faults?: readonly string[] } | ParameterRule;
    "deployment/bad-record": { file: string; faults?: readonly string[] };
    "deployment/other-record": { file: string };
    "deployment/other-account": { expected: string; given: string };
    "deployment/evm-lacks": { lacks: string } | { contract: string };
    /** The chain has no contract where the journal says that it stands. */
    "deployment/not-kept": { folder: string; transaction: string | undefined };
    "deployment/failed": {
      folder?: string;
      /** The process that is making this deployment. */
      pid?: number;
      file?: string;
      line?: number;
      /** What Ignition says: the type of its result, and what of it failed. */
      result?: string;
      facts?: readonly string[];
    };
  }
}

/** What can be wrong with a deployment, beside what is wrong on the way to the chain (`chain/...`). */
export type DeploymentErrorCode = ErrorCodeOf<"deployment">;
