import type { Artifact, ArtifactResolver } from "@nomicfoundation/ignition-core";
import { type InterfaceAbi, keccak256, toUtf8Bytes, ZeroAddress } from "ethers";
import type { Parameters } from "../protocol/parameters.ts";
import { Assay__factory } from "../types/factories/Assay__factory.ts";
import { AssayLens__factory } from "../types/factories/AssayLens__factory.ts";
import { StepVerifier__factory } from "../types/factories/step/StepVerifier__factory.ts";

/** The contracts of a deployment, in the order in which they are created. */
export const contractNames = ["StepVerifier", "Assay", "AssayLens"] as const;
export type ContractName = (typeof contractNames)[number];

const factories = { StepVerifier: StepVerifier__factory, Assay: Assay__factory, AssayLens: AssayLens__factory };

/** Creation code without arguments. */
export function bytecodeOf(name: ContractName): string {
  return factories[name].bytecode;
}

/** What is sent to create `Assay`. */
export async function assayCreation(terms: Parameters, stepVerifier: string): Promise<string> {
  return (await new Assay__factory().getDeployTransaction(terms, stepVerifier)).data;
}

/** What is sent to create `AssayLens`. */
export async function lensCreation(assay: string): Promise<string> {
  return (await new AssayLens__factory().getDeployTransaction(assay)).data;
}

/** A name for all that decides what a deployment is: the chain's first block, the code, and the terms. 16 hexadecimal digits. */
export async function deploymentKey(genesis: string, terms: Parameters): Promise<string> {
  const parts = [genesis, bytecodeOf("StepVerifier"), await assayCreation(terms, ZeroAddress), bytecodeOf("AssayLens")];
  return keccak256(toUtf8Bytes(parts.join(" "))).slice(2, 18);
}

/** Gives Ignition the contracts that this program was built with, so that it needs no folder of artifacts. */
export const artifacts: ArtifactResolver = {
  async loadArtifact(name) {
    return artifactOf(name as ContractName);
  },
  async getBuildInfo() {
    return undefined;
  },
};

function artifactOf(name: ContractName): Artifact {
  const { abi, bytecode } = factories[name];
  return {
    _format: "hh3-artifact-1",
    contractName: name,
    sourceName: `contracts/${name}.sol`,
    abi: abi as InterfaceAbi as Artifact["abi"],
    bytecode,
    // Nothing in a deployment looks at it.
    deployedBytecode: "0x",
    linkReferences: {},
    deployedLinkReferences: {},
  };
}
