/**
 * What a reader of results needs: compute a build's id, ask a chain what it says of it. Runs in Node and in browsers.
 */
export { type AssayChain, connect, type Deployment } from "../chain/assay.ts";
export { defaultRpcLimits, type RpcLimits } from "../chain/rpcProvider.ts";
export { type FinalResult, type Result, resultOf, succeeded, type WaitOptions, waitFor } from "../client/results.ts";
export { fromHex, type Hex, type Root, toHex } from "../core/bytes.ts";
export { AssayError, type AssayErrorOf, type ErrorCode, type ErrorDetails, isAssayError } from "../core/errors.ts";
export {
  buildIdOf,
  type Dependencies,
  dependencyRootOf,
  type Environment,
  environmentOf,
  type InputDrives,
  parseEnvironment,
} from "../environment/environment.ts";
export type { Hasher } from "../merkle/hasher.ts";
export { KeccakKernel, type KernelBinaries } from "../merkle/keccakKernel.ts";
export type {} from "./errorDetails.ts";
