import type { Hex, Root } from "../core/bytes.ts";
import type { ErrorCodeOf, NoDetails } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** It is malformed, or contradicts itself. */
    "environment/bad-environment": NoDetails;
    /** An input does not fit into its drive. */
    "environment/too-large": { given: number; capacity: number };
    /** A build's dependencies are given to an environment that has no drive for them. */
    "environment/no-dependencies": NoDetails;
    /** There is none of this name or id here. */
    "environment/unknown": { name: string };
    /** A command for an environment that runs none, or none for one that does. */
    "environment/bad-build": { name: string };
    /** The machine does not start in the state that the environment promises. */
    "environment/other-start": { expected: Root; given: Root };
    /** The program says of its artifact what it is not. */
    "environment/other-artifact": { expected: Hex; given: Hex };
  }
}

/** What can be wrong with an environment. */
export type EnvironmentErrorCode = ErrorCodeOf<"environment">;
