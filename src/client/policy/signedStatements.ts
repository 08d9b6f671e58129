import { type BuildResult, buildIn, isBuildStatement } from "../../attestation/buildResult.ts";
import { type Envelope, formatEnvelope, namesItsKeys, signersOf } from "../../attestation/dsse.ts";
import type { KeyId } from "../../attestation/keys.ts";
import type { SignatureAllowance } from "../../attestation/signatureAllowance.ts";
import { statementIn } from "../../attestation/statement.ts";
import { type Summary, summaryIn } from "../../attestation/summary.ts";
import { type ContentId, contentIdOf } from "../../store/contentId.ts";
import type { SignedResult } from "./evidence.ts";
import { namesIn, type Policy } from "./policy.ts";
import type { SignedSummary } from "./summaries.ts";

interface Signed {
  /** Of the policy's keys. */
  readonly names: readonly string[];
  readonly statementId: ContentId;
  readonly result?: BuildResult | undefined;
  readonly summary?: Summary | undefined;
}

/**
 * The results and summaries that a policy's keys have signed, each once, however often it is found. What others have signed, what is
 * not about a build of this machine, and what cannot be read is passed over: anybody can put such things where attestations are found.
 */
export class SignedStatements {
  private readonly names: ReadonlyMap<KeyId, string>;
  private readonly verifiers: ReadonlySet<string>;
  /** By the text of the envelope. */
  private readonly found = new Map<string, Signed>();
  /** Texts of which nothing is left to be found out. */
  private readonly settled = new Set<string>();

  constructor({ keys, require }: Policy) {
    this.names = new Map(Object.entries(keys).map(([name, key]) => [key, name]));
    this.verifiers = new Set(namesIn(require).verifiers.keys());
  }

  /**
   * Takes in what a source has: first what names its keys, so that it costs little to tell who has signed it.
   * @param allowance the source's. When it is used up, the rest is not looked at, and the allowance says so.
   */
  add(envelopes: readonly Envelope[], allowance: SignatureAllowance): void {
    for (const envelope of [...envelopes.filter(namesItsKeys), ...envelopes.filter((each) => !namesItsKeys(each))]) {
      const text = formatEnvelope(envelope);
      if (this.settled.has(text)) continue;
      const names = signersOf(envelope, this.names.keys(), allowance).map((key) => this.names.get(key)!);
      if (names.length > 0) {
        this.found.set(text, { names, statementId: contentIdOf(envelope.payload), ...contentOf(envelope) });
      }
      // What another source has of it may be looked at there.
      if (allowance.isExceeded) return;
      this.settled.add(text);
    }
  }

  /** @param passedOver whose signatures do not count. */
  results(passedOver: ReadonlySet<string> = new Set()): SignedResult[] {
    return [...this.found.values()].flatMap(({ names, result, statementId }) => {
      const builders = names.filter((name) => !passedOver.has(name));
      return result === undefined || builders.length === 0 ? [] : [{ builders, result, statementId }];
    });
  }

  /**
   * Those of the verifiers that the policy's `summaries` name.
   * @param passedOver whose signatures do not count.
   */
  summaries(passedOver: ReadonlySet<string> = new Set()): SignedSummary[] {
    return [...this.found.values()].flatMap(({ names, summary }) => {
      const verifiers = names.filter((name) => this.verifiers.has(name) && !passedOver.has(name));
      return summary === undefined || verifiers.length === 0 ? [] : [{ verifiers, summary }];
    });
  }
}

function contentOf(envelope: Envelope): Pick<Signed, "result" | "summary"> {
  try {
    const statement = statementIn(envelope);
    return isBuildStatement(statement) ? { result: buildIn(statement) } : { summary: summaryIn(statement) };
  } catch {
    return {};
  }
}
