/**
 * ABIs, creation code and types of the contracts, for ethers 6. Runs in Node and in browsers. The Solidity files are
 * `assay/contracts/**.sol`.
 */
export type { Assay } from "../types/Assay.ts";
export type { AssayLens } from "../types/AssayLens.ts";
export { Assay__factory } from "../types/factories/Assay__factory.ts";
export { AssayLens__factory } from "../types/factories/AssayLens__factory.ts";
export { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";
export { IStepVerifier__factory } from "../types/factories/interfaces/IStepVerifier__factory.ts";
export { StepVerifier__factory } from "../types/factories/step/StepVerifier__factory.ts";
export type { IAssay } from "../types/interfaces/IAssay.ts";
export type { IStepVerifier } from "../types/interfaces/IStepVerifier.ts";
export type { StepVerifier } from "../types/step/StepVerifier.ts";
