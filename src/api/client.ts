/**
 * For those who ask: results, and what solvers and clients publish beside the chain. Runs in Node and in browsers.
 */
export type { ClientErrorCode } from "../client/errors.ts";
export {
  type BuildPublication,
  type ClaimPublication,
  fetchPublication,
  maxPublicationBytes,
  publish,
} from "../client/publication.ts";
export { type FinalResult, type Result, resultOf, succeeded, type WaitOptions, waitFor } from "../client/results.ts";
