/**
 * Builds on this machine: sources from disk and repositories, environments, runs in a worker thread, deployments. Node only.
 */
export { environmentNamed } from "../build/node/environments.ts";
export {
  type BuildDependencies,
  type BuildRequest,
  type IdentifiedBuild,
  identifyBuild,
} from "../build/node/identifyBuild.ts";
export { type LocalRun, startLocalRun } from "../build/node/localRun.ts";
export { type AccountSource, type LoadedAccount, loadAccount } from "../chain/node/account.ts";
export { cacheFolder } from "../core/node/cacheFolder.ts";
export { parameterFile, parameterSets, readParameters } from "../deployment/parameterFile.ts";
export { type DeploymentRecord, parseRecord, type RecordedContract } from "../deployment/record.ts";
export type { BuildCommand, EnvironmentProvider, RunnableEnvironment } from "../environment/runnable.ts";
export { WorkerSession, type WorkerSessionOptions } from "../machine/native/node/workerSession.ts";
export { loadKeccakKernel, readKeccakKernel } from "../merkle/node/keccakKernelNode.ts";
export { readProgram } from "../programs/node/readProgram.ts";
export { type ReadSourceOptions, readSource } from "../source/node/readSource.ts";
export type { ReadTree, ReadTreeOptions, SourceReader } from "../source/node/sourceReader.ts";
export { type DirectoryStoreOptions, directoryStore } from "../store/node/directoryStore.ts";
export { openStore } from "../store/node/openStore.ts";
