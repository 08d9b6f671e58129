import { type Command, InvalidArgumentError } from "commander";
import type { AttestationSource } from "../attestation/board.ts";
import type { Envelope } from "../attestation/dsse.ts";
import { openAttestations } from "../attestation/node/openAttestations.ts";
import { type Evidence, openEvidence } from "../client/node/evidence.ts";
import type { AskFault, AskOptions } from "../client/policy/ask.ts";
import { namesIn, type Policy } from "../client/policy/policy.ts";
import { absoluteUrl } from "../core/node/fileUrl.ts";
import { readBundleFile } from "./bundleFile.ts";
import { readOthersFile } from "./othersFile.ts";
import type { PolicyChains } from "./policyChains.ts";

/** Options of a command that decides under a policy. */
export interface PolicyOptions {
  readonly policy: string;
  readonly from: readonly string[];
  readonly revocations: readonly string[];
  readonly evidence: readonly string[];
  /** Files by the names of rules, and programs by the names of verifiers. */
  readonly proof: ReadonlyMap<string, string>;
  readonly verifier: ReadonlyMap<string, string>;
  readonly offline: boolean;
  readonly config?: string;
}

export function withPolicyOptions(command: Command): Command {
  return command
    .option("--policy <file>", "whom you believe, and how many of them", process.env.ASSAY_POLICY || "policy.yaml")
    .option(
      "--from <url>",
      "where to look for signed results, besides the policy's own; repeatable",
      (text: string, before: readonly string[]) => [...before, absoluteUrl(text, process.cwd())],
      [],
    )
    .option(
      "--revocations <file>",
      "statements about keys, besides those that are found (`assay key revoke --bundle`); repeatable",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option(
      "--evidence <file>",
      "attestations of others, for the policy's `evidence`: a bundle, or npm's or GitHub's answer; repeatable",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option(
      "--proof <rule=file>",
      "what is to be shown for a rule of the policy's `evidence` of kind proof; repeatable",
      collectNamed("rule=file"),
      new Map(),
    )
    .option(
      "--verifier <name=program>",
      "a program of yours that checks proofs for rules that name it (docs/policy.md); repeatable",
      collectNamed("name=program"),
      new Map(),
    )
    .option("--offline", "make no network call: folders only, no chain", false)
    .option(
      "--config <file>",
      "configuration of the chain, if the policy names one (default: $ASSAY_CONFIG, else assay.yaml)",
    );
}

/** @throws InvalidArgumentError for a value without a name, and for a name that comes twice. */
function collectNamed(what: string) {
  return (text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new InvalidArgumentError(`expected ${what}`);
    if (before.has(name)) throw new InvalidArgumentError(`${name} was named before`);
    return new Map([...before, [name, value]]);
  };
}

/** Whom a command asks. Close it. */
export interface Asking {
  readonly sources: readonly AttestationSource[];
  readonly finalOn?: AskOptions["finalOn"];
  readonly aboutKeys: readonly Envelope[];
  readonly evidence: Evidence;
  /** Sources and chains that are not asked, and why. */
  readonly faults: readonly AskFault[];
  close(): void;
}

/** @throws AssayError `cli/bad-argument`, `attestation/bad-public-key`, `attestation/no-sigstore`, `attestation/bad-address`, `attestation/too-large` */
export async function openAsking(policy: Policy, options: PolicyOptions): Promise<Asking> {
  const aboutKeys = (await Promise.all(options.revocations.map(readBundleFile))).flatMap(({ envelopes }) => envelopes);
  const urls = [...new Set([...policy.from, ...options.from])];
  const asked = urls.filter((url) => !options.offline || url.startsWith("file:"));
  const sources = asked.map((url) => openAttestations(url));
  const passedOver = urls.filter((url) => !asked.includes(url)).map((who) => ({ who, why: "offline: not asked" }));
  const evidence = await openEvidence(policy, await Promise.all(options.evidence.map(readOthersFile)));
  const cutOff = evidence.isCutOff ? [{ who: "evidence", why: "it has more signatures than are checked" }] : [];
  const chains = await openChains(policy, options);
  return { ...chains, sources, aboutKeys, evidence, faults: [...chains.faults, ...passedOver, ...cutOff] };
}

/** The chains that the policy asks. What they take is loaded only where it asks some. */
async function openChains(policy: Policy, { config, offline }: PolicyOptions): Promise<PolicyChains> {
  const wanted = [...namesIn(policy.require).chains];
  if (wanted.length > 0 && !offline) {
    return await (await import("./policyChains.ts")).openPolicyChains(policy, wanted, config);
  }
  return { faults: wanted.map((who) => ({ who, why: "offline: not asked" })), close() {} };
}
