import { z } from "zod";
import type { Root } from "../core/bytes.ts";
import { checkValue } from "../core/json.ts";
import { malformed } from "./errors.ts";
import type { ExecutionProof } from "./execution.ts";
import { type KeyId, parseKeyId } from "./keys.ts";
import { type DigestSet, type Statement, type Subject, statementOf } from "./statement.ts";
import { timeSchema, timeText } from "./time.ts";

/** SLSA provenance (v1): of builds that have succeeded, about their artifact. */
export const provenanceType = "https://slsa.dev/provenance/v1";
/** Of builds that have failed, about their source. No verifier of artifacts takes it for provenance. */
export const failureType = "urn:assay:failed-build:v1";
/** What `externalParameters` and the rest mean: a build in Assay's deterministic machine, which anybody can run again. */
export const buildType = "urn:assay:build:v1";

/** Names the dependency image among what a build was made of. */
const dependenciesUri = "urn:assay:dependencies:v1";

/** What one run of a build has come to, as its runner says and signs. */
export interface BuildResult {
  readonly buildId: Root;
  readonly environment: { readonly name: string; readonly id: Root };
  readonly source: {
    /** `git+https://...`, or a name where there is no address; without credentials. */
    readonly uri: string;
    /** Branch, tag or commit that was asked for. */
    readonly revision?: string | undefined;
    /** The source had a folder `.git` that was made for it. */
    readonly gitFolder?: true | undefined;
    /** `gitCommit` for repositories, `sha256` of the input drive for anything else. */
    readonly digest: DigestSet;
  };
  /** In environments that run commands. */
  readonly command?:
    | {
        readonly run: string;
        readonly outputs: readonly string[];
        readonly reports?: readonly string[] | undefined;
        readonly user?: "build" | undefined;
        readonly variables: Readonly<Record<string, string>>;
        readonly tickLimit?: string | undefined;
      }
    | undefined;
  /** The content of the input drive, by which the build can be run again without its source. */
  readonly input?: { readonly sha256: string; readonly size: number } | undefined;
  /** The image in the dependency drive, if there is one. */
  readonly dependencies?: { readonly sha256: string; readonly size: number } | undefined;
  readonly exitCode: number;
  /** The machine's last state: who has run the build to the same one has run it to the same end. */
  readonly finalRoot: Root;
  readonly ticks: number;
  /** Of builds that have left one. */
  readonly artifact?: { readonly name: string; readonly sha256: string; readonly size: number } | undefined;
  /** The state roots after 1, 2, ... times 2^log2Ticks ticks, 32 bytes each: where two runs of a build have parted. */
  readonly checkpoints?: { readonly sha256: string; readonly size: number; readonly log2Ticks: number } | undefined;
  /** What the build has printed. */
  readonly log?: { readonly sha256: string; readonly size: number } | undefined;
  /** Shows that the builder has run it (`isProofFor`); absent where it has not said so. */
  readonly execution?: ExecutionProof | undefined;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly finishedAt: number;
}

const root = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, "is not a root")
  .transform((text) => text as Root);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "is not a sha256");
const size = z.int().nonnegative();

const buildDefinition = z.object({
  buildType: z.literal(buildType),
  // Strict: a parameter that is not known here could change what the build was.
  externalParameters: z.strictObject({
    source: z.strictObject({
      uri: z.string().max(4096),
      revision: z.string().max(255).optional(),
      gitFolder: z.literal(true).optional(),
    }),
    environment: z.string().max(64),
    command: z
      .strictObject({
        run: z.string().max(65_536),
        outputs: z.array(z.string().max(4096)).max(1000),
        reports: z.array(z.string().max(4096)).max(1000).optional(),
        user: z.literal("build").optional(),
        variables: z.record(z.string(), z.string()),
        tickLimit: z
          .string()
          .regex(/^\d{1,20}$/)
          .optional(),
      })
      .optional(),
  }),
  internalParameters: z.object({
    buildId: root,
    environmentId: root,
    input: z.object({ sha256, size }).optional(),
    dependencies: z.object({ sha256, size }).optional(),
  }),
  resolvedDependencies: z.array(z.object({ uri: z.string(), digest: z.record(z.string(), z.string()) })).min(1),
});
const runDetails = z.object({
  builder: z.object({ id: z.string().max(200), version: z.record(z.string(), z.string()).optional() }),
  metadata: z.object({ invocationId: z.string().optional(), startedOn: timeSchema, finishedOn: timeSchema }),
  byproducts: z.array(
    z.object({
      name: z.string(),
      digest: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
const predicateSchema = z.object({ buildDefinition, runDetails });
const endSchema = z.object({ finalRoot: root, ticks: size, exitCode: z.int(), artifactSize: size.optional() });
const logSchema = z.object({ size });
const executionSchema = z.object({
  key: z.string().transform((text) => parseKeyId(text)),
  signature: z.string().length(88),
});
const checkpointsSchema = z.object({ size: size.multipleOf(32), log2Ticks: size.max(64) });

/** The statement of a result. @param builder who has run it, and with which version of Assay. */
export function statementOfBuild(
  result: BuildResult,
  builder: { readonly id: KeyId; readonly version: string },
): Statement {
  const { buildId, environment, source, command, input, dependencies } = result;
  const { artifact, checkpoints, log, execution, exitCode, finalRoot, ticks } = result;
  const subject: Subject =
    artifact === undefined
      ? { name: source.uri, digest: source.digest }
      : { name: artifact.name, digest: { sha256: artifact.sha256 } };
  const predicate = {
    buildDefinition: {
      buildType,
      externalParameters: {
        source: { uri: source.uri, revision: source.revision, gitFolder: source.gitFolder },
        environment: environment.name,
        command,
      },
      internalParameters: { buildId, environmentId: environment.id, input, dependencies },
      resolvedDependencies: [
        { uri: source.uri, digest: source.digest },
        ...(dependencies ? [{ uri: dependenciesUri, digest: { sha256: dependencies.sha256 } }] : []),
      ],
    },
    runDetails: {
      builder: { id: builder.id, version: { assay: builder.version } },
      metadata: {
        invocationId: buildId,
        startedOn: timeText(result.startedAt),
        finishedOn: timeText(result.finishedAt),
      },
      byproducts: [
        { name: "end", annotations: { finalRoot, ticks, exitCode, artifactSize: artifact?.size } },
        ...(checkpoints === undefined
          ? []
          : [
              {
                name: "checkpoints",
                digest: { sha256: checkpoints.sha256 },
                annotations: { size: checkpoints.size, log2Ticks: checkpoints.log2Ticks },
              },
            ]),
        ...(log === undefined
          ? []
          : [{ name: "log", digest: { sha256: log.sha256 }, annotations: { size: log.size } }]),
        ...(execution === undefined ? [] : [{ name: "execution", annotations: { ...execution } }]),
      ],
    },
  };
  return statementOf([subject], artifact === undefined ? failureType : provenanceType, predicate);
}

/** Whether a statement says that it is of a build in this machine; what else it says `buildIn` checks. */
export function isBuildStatement({ predicateType, predicate }: Statement): boolean {
  if (predicateType === failureType) return true;
  if (predicateType !== provenanceType) return false;
  const definition = (predicate as { readonly buildDefinition?: { readonly buildType?: unknown } } | null)
    ?.buildDefinition;
  return definition?.buildType === buildType;
}

/**
 * The result that a statement of a build tells.
 * @throws AssayError `attestation/malformed`, also where it contradicts itself: an artifact of a build that has failed, or none of
 * one that has not.
 */
export function buildIn(statement: Statement): BuildResult {
  const refuse = (why: string, cause?: unknown) => malformed("build's statement", why, cause);
  const { buildDefinition: definition, runDetails: run } = checkValue(statement.predicate, predicateSchema, refuse);
  const { externalParameters, internalParameters, resolvedDependencies } = definition;
  const byproduct = (name: string) => run.byproducts.find((each) => each.name === name);
  const end = checkValue(byproduct("end")?.annotations, endSchema, refuse);
  const [log, checkpoints, execution] = [byproduct("log"), byproduct("checkpoints"), byproduct("execution")];
  const [subject] = statement.subject;
  if (statement.subject.length !== 1) throw refuse("it has more than one subject");
  const isFailure = statement.predicateType === failureType;
  if (isFailure !== (end.exitCode !== 0)) throw refuse(`its type does not fit the exit code ${end.exitCode}`);
  const source = resolvedDependencies[0]!;
  if (source.uri !== externalParameters.source.uri) throw refuse("it names two sources");
  const resolved = resolvedDependencies.find(({ uri }) => uri === dependenciesUri);
  if (resolved?.digest.sha256 !== internalParameters.dependencies?.sha256)
    throw refuse("it names other dependencies too");
  return {
    buildId: internalParameters.buildId,
    environment: { name: externalParameters.environment, id: internalParameters.environmentId },
    source: { ...externalParameters.source, digest: source.digest },
    command: externalParameters.command,
    input: internalParameters.input,
    dependencies: internalParameters.dependencies,
    exitCode: end.exitCode,
    finalRoot: end.finalRoot,
    ticks: end.ticks,
    artifact: isFailure
      ? undefined
      : {
          name: subject!.name,
          sha256: checkValue(subject!.digest.sha256, sha256, refuse),
          size: checkValue(end.artifactSize, size, refuse),
        },
    checkpoints: checkpoints && {
      sha256: checkValue(checkpoints.digest?.sha256, sha256, refuse),
      ...checkValue(checkpoints.annotations, checkpointsSchema, refuse),
    },
    log: log && {
      sha256: checkValue(log.digest?.sha256, sha256, refuse),
      size: checkValue(log.annotations, logSchema, refuse).size,
    },
    ...(execution && { execution: checkValue(execution.annotations, executionSchema, refuse) }),
    startedAt: run.metadata.startedOn,
    finishedAt: run.metadata.finishedOn,
  };
}
