import type { AttestationSource, Topic } from "../attestation/board.ts";
import { type Envelope, formatEnvelope, signersOf } from "../attestation/dsse.ts";
import { attestationFolder } from "../attestation/node/attestationFolder.ts";
import { SignatureAllowance } from "../attestation/signatureAllowance.ts";
import type { Policy } from "../client/policy/policy.ts";

/** Sources that remember what they have answered, so that it can be asked again without them. */
export interface EvidenceKeeper {
  readonly sources: readonly AttestationSource[];
  /**
   * Adds to a folder what the sources have answered so far and one of the policy's keys has signed, each under what it was found by.
   * @returns how many envelopes that is. @throws AssayError `attestation/too-large`, `store/full-fault`, `store/io-fault`
   */
  keep(folder: string): Promise<number>;
}

/** What others have signed is not kept: anybody can put it where attestations are found, without end. */
export function evidenceKeeper(sources: readonly AttestationSource[], { keys }: Policy): EvidenceKeeper {
  const answered: { topic: Topic; envelopes: readonly Envelope[]; allowance: SignatureAllowance }[] = [];
  return {
    sources: sources.map((source) => {
      const allowance = new SignatureAllowance();
      return {
        url: source.url,
        async find(topic, signal) {
          const bundle = await source.find(topic, signal);
          answered.push({ topic, envelopes: bundle.envelopes, allowance });
          return bundle;
        },
      };
    }),
    async keep(folder) {
      const kept = new Set<string>();
      for (const { topic, envelopes, allowance } of answered) {
        for (const envelope of envelopes) {
          if (signersOf(envelope, Object.values(keys), allowance).length === 0) continue;
          await attestationFolder(folder).add(envelope, [topic]);
          kept.add(formatEnvelope(envelope));
        }
      }
      return kept.size;
    },
  };
}
