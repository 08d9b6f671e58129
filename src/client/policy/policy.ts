import { z } from "zod";
import { type KeyId, parseKeyId } from "../../attestation/keys.ts";
import { type EvidenceKind, evidenceKinds } from "../../attestation/others/claim.ts";
import { AssayError } from "../../core/errors.ts";
import { checkValue } from "../../core/json.ts";

/** What a client takes as reason enough to believe that an artifact is what a source builds to. */
export type Requirement =
  /**
   * So many of these builders, by their names in `keys`, have signed that the build gave this artifact; if they are to be
   * `independent`, they have shown too that they have run it, each by itself (`ExecutionProof`).
   */
  | {
      readonly builders: {
        readonly least: number;
        readonly of: readonly string[];
        readonly independent?: true | undefined;
      };
    }
  /** A claim on this chain, by its name in `chains`, is final and says so. */
  | { readonly chain: string }
  /** So many of these verifiers, by their names in `keys`, have signed a summary that says so, at a level if one is named. */
  | {
      readonly summaries: {
        readonly least: number;
        readonly of: readonly string[];
        readonly level?: string | undefined;
      };
    }
  /** There is an attestation about the artifact, under this rule of `evidence`. */
  | { readonly evidence: string }
  | { readonly all: readonly Requirement[] }
  | { readonly any: readonly Requirement[] }
  | { readonly least: { readonly count: number; readonly of: readonly Requirement[] } };

/** A chain and contract whose finalized claims count. */
export interface TrustedChain {
  readonly chainId: number;
  readonly assay: string;
}

/**
 * Others' attestations that count: of one kind, signed with a key, or under a root of sigstore's for one identity; or proofs of any
 * other kind, which a program checks that the caller has under this name.
 */
export interface EvidenceRule {
  readonly kind: EvidenceKind | "proof";
  /** Of proofs: the name of the program that checks them, and what it is told besides. */
  readonly verifier?: string | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** File of a public key in PEM; else the others are there. */
  readonly key?: string | undefined;
  /** File of a trusted root of sigstore's. */
  readonly root?: string | undefined;
  readonly identity?: string | undefined;
  readonly issuer?: string | undefined;
}

/** Whom a client believes, and how many of them it takes. */
export interface Policy {
  readonly version: 1;
  readonly keys: Readonly<Record<string, KeyId>>;
  readonly chains: Readonly<Record<string, TrustedChain>>;
  readonly evidence?: Readonly<Record<string, EvidenceRule>> | undefined;
  readonly require: Requirement;
  /** Where attestations are looked for: addresses of folders and servers. */
  readonly from: readonly string[];
}

const most = { keys: 256, chains: 16, evidence: 16, parameters: 16, sources: 16, parts: 64, depth: 8 };
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "is not a name of letters, digits, dots and dashes");
const key = z.string().transform((text, context) => {
  try {
    return parseKeyId(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "is not a key" });
    return z.NEVER;
  }
});
const names = z
  .array(name)
  .min(1)
  .max(most.keys)
  .refine((all) => new Set(all).size === all.length, "names a builder twice");
const requirement: z.ZodType<Requirement> = z.lazy(() => {
  const parts = z.array(requirement).min(1).max(most.parts);
  const count = z.int().positive();
  return z.union(
    [
      z.strictObject({
        builders: z.strictObject({ least: count, of: names, independent: z.literal(true).optional() }),
      }),
      z.strictObject({ chain: name }),
      z.strictObject({
        summaries: z.strictObject({
          least: count,
          of: names,
          level: z
            .string()
            .regex(/^[A-Z][A-Z0-9_]{0,99}$/, "is not the name of a level")
            .optional(),
        }),
      }),
      z.strictObject({ evidence: name }),
      z.strictObject({ all: parts }),
      z.strictObject({ any: parts }),
      z.strictObject({ least: z.strictObject({ count, of: parts }) }),
    ],
    "is none of builders: { least, of, independent }, chain, summaries: { least, of, level }, evidence, all, any, least: { count, of }",
  );
});
const kind = z.enum(evidenceKinds);
const text = z.string().min(1).max(4096);
const ofKey = z.strictObject({ kind, key: text });
const ofRoot = z.strictObject({
  kind,
  root: text,
  identity: text.regex(/^[^*]+$|@[^@*]*\*$/, "has a star elsewhere than at its end, behind an @"),
  issuer: text,
});
const ofProof = z.strictObject({
  kind: z.literal("proof"),
  verifier: name,
  key: text.optional(),
  parameters: z
    .record(name, z.string().max(4096))
    .refine((all) => Object.keys(all).length <= most.parameters, "are too many")
    .optional(),
});
const schema = z.strictObject({
  version: z.literal(1),
  keys: z
    .record(name, key)
    .refine((keys) => Object.keys(keys).length <= most.keys, "are too many")
    .default({}),
  chains: z
    .record(
      name,
      z.strictObject({
        chainId: z.int().positive(),
        assay: z.string().regex(/^0x[0-9a-fA-F]{40}$/, "is not an address"),
      }),
    )
    .refine((chains) => Object.keys(chains).length <= most.chains, "are too many")
    .default({}),
  evidence: z
    .record(
      name,
      z.union(
        [ofKey, ofRoot, ofProof],
        "is neither { kind, key }, { kind, root, identity, issuer } nor { kind: proof, verifier, key, parameters }",
      ),
    )
    .refine((rules) => Object.keys(rules).length <= most.evidence, "are too many")
    .optional(),
  require: requirement,
  from: z
    .array(z.string().regex(/^(file|https?):/, "must begin with file:, https:, http:"))
    .max(most.sources)
    .default([]),
});

/**
 * Checks a policy as it is written.
 * @param value what YAML or JSON holds. @param file where it came from, for the error.
 * @throws AssayError `client/bad-policy` naming every line that is wrong: also names that nothing defines, one key under two names, and
 * what can never hold, such as three of two builders.
 */
export function policyOf(value: unknown, file: string): Policy {
  const refuse = (why: string, cause?: unknown) =>
    new AssayError("client/bad-policy", `${file}: ${why}`, { file }, { cause });
  const policy = checkValue(value, schema, refuse);
  const faults = [...keyFaults(policy), ...requirementFaults(policy, policy.require, "require", 0)];
  const { builders, verifiers } = namesIn(policy.require);
  for (const each of verifiers.keys())
    if (builders.has(each))
      faults.push(`require: ${each} is asked as a builder and for summaries: one would count twice`);
  if (faults.length > 0) throw refuse(faults.join("; "));
  return policy;
}

function* keyFaults({ keys, chains, evidence = {} }: Policy): Iterable<string> {
  for (const rule of Object.keys(evidence)) {
    if (Object.hasOwn(keys, rule) || Object.hasOwn(chains, rule))
      yield `evidence.${rule}: is the name of a key or chain too`;
  }
  for (const chain of Object.keys(chains)) {
    if (Object.hasOwn(keys, chain)) yield `chains.${chain}: is the name of a key too`;
  }
  const owners = new Map<KeyId, string>();
  for (const [owner, id] of Object.entries(keys)) {
    const other = owners.get(id);
    if (other !== undefined) yield `keys.${owner}: is the key of ${other} too: one builder would count twice`;
    owners.set(id, owner);
  }
}

function* requirementFaults(policy: Policy, requirement: Requirement, path: string, depth: number): Iterable<string> {
  if (depth > most.depth) {
    yield `${path}: is nested deeper than ${most.depth} levels`;
  } else if ("builders" in requirement || "summaries" in requirement) {
    const [word, { least, of }] =
      "builders" in requirement
        ? (["builders", requirement.builders] as const)
        : (["summaries", requirement.summaries] as const);
    for (const each of of)
      if (!Object.hasOwn(policy.keys, each)) yield `${path}.${word}.of: there is no key ${each} under keys`;
    if ("builders" in requirement && requirement.builders.independent && least < 2)
      yield `${path}.builders: one builder is independent of nobody: ask for 2 at least`;
    if (least > of.length) yield `${path}.${word}: ${least} of ${of.length} ${who[word]} can never agree`;
  } else if ("chain" in requirement) {
    const { chain } = requirement;
    if (!Object.hasOwn(policy.chains, chain)) yield `${path}.chain: there is no chain ${chain} under chains`;
  } else if ("evidence" in requirement) {
    const { evidence } = requirement;
    if (!Object.hasOwn(policy.evidence ?? {}, evidence))
      yield `${path}.evidence: there is no ${evidence} under evidence`;
  } else {
    const [word, parts] = partsOf(requirement);
    if ("least" in requirement && requirement.least.count > parts.length) {
      yield `${path}.least: ${requirement.least.count} of ${parts.length} can never hold`;
    }
    for (const [i, part] of parts.entries()) yield* requirementFaults(policy, part, `${path}.${word}.${i}`, depth + 1);
  }
}

const who = { builders: "builders", summaries: "verifiers" } as const;

function partsOf(
  requirement: Exclude<
    Requirement,
    { builders: unknown } | { chain: unknown } | { summaries: unknown } | { evidence: unknown }
  >,
): [string, readonly Requirement[]] {
  if ("all" in requirement) return ["all", requirement.all];
  if ("any" in requirement) return ["any", requirement.any];
  return ["least.of", requirement.least.of];
}

/** The builders, the chains, the verifiers and the rules of evidence that a requirement speaks of. */
export interface NamesIn {
  readonly builders: ReadonlySet<string>;
  /** Those of the builders that have to show that they have run the build. */
  readonly independent: ReadonlySet<string>;
  readonly chains: ReadonlySet<string>;
  /** With the levels of summaries that each is asked for; undefined stands for any. */
  readonly verifiers: ReadonlyMap<string, ReadonlySet<string | undefined>>;
  readonly evidence: ReadonlySet<string>;
}

export function namesIn(requirement: Requirement): NamesIn {
  const builders = new Set<string>();
  const independent = new Set<string>();
  const chains = new Set<string>();
  const verifiers = new Map<string, Set<string | undefined>>();
  const evidence = new Set<string>();
  const visit = (each: Requirement): void => {
    if ("builders" in each) {
      for (const one of each.builders.of) builders.add(one);
      if (each.builders.independent) for (const one of each.builders.of) independent.add(one);
    } else if ("chain" in each) chains.add(each.chain);
    else if ("evidence" in each) evidence.add(each.evidence);
    else if ("summaries" in each) {
      const { of, level } = each.summaries;
      for (const one of of) verifiers.set(one, (verifiers.get(one) ?? new Set()).add(level));
    } else for (const part of partsOf(each)[1]) visit(part);
  };
  visit(requirement);
  return { builders, independent, chains, verifiers, evidence };
}
