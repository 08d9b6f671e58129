import { buildModule } from "@nomicfoundation/ignition-core";

/**
 * Deploys the step verifier, the protocol, and the lens for people. The one parameter, `terms`, is `contracts/types/Parameters.sol`
 * as an object; the files in `deploy/parameters` hold one for each kind of chain.
 */
export const assayModule = buildModule("Assay", (m) => {
  const stepVerifier = m.contract("StepVerifier");
  const assay = m.contract("Assay", [m.getParameter<Record<string, number | bigint>>("terms"), stepVerifier]);
  const lens = m.contract("AssayLens", [assay]);
  return { assay, stepVerifier, lens };
});
