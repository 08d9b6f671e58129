import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Root } from "../../../core/bytes.ts";
import type { BuildDetail, ChainKey } from "../../records.ts";
import { grouped } from "../format.ts";
import { Hash } from "../parts/hash.tsx";
import { Notice } from "../parts/notice.tsx";
import { Words } from "../parts/words.tsx";
import { indexedChain, pulse } from "../state/index.ts";
import { type ContractWord, contractWord } from "./gateway.ts";

/** Asks the contract itself about a build, again whenever something may be new. */
export function useContractWord(chain: ChainKey, buildId: Root): ContractWord | undefined {
  const word = useSignal<{ readonly of: string; readonly said: ContractWord } | undefined>(undefined);
  const name = `${chain} ${buildId}`;
  const beat = pulse.value;
  useEffect(() => {
    let isWanted = true;
    void contractWord(chain, buildId).then((said) => {
      if (isWanted || word.peek()?.of !== name) word.value = { of: name, said };
    });
    return () => {
      isWanted = false;
    };
  }, [name, beat]);
  return word.value?.of === name ? word.value.said : undefined;
}

/** How what the index says stands to what the contract says. */
export type Agreement = "asking" | "unreachable" | "agrees" | "contradicts" | "behind";

/** @param isFromChain the build was read from the events of the chain, not from the index. */
export function agreementOf(build: BuildDetail, word: ContractWord | undefined, isFromChain: boolean): Agreement {
  if (word === undefined) return "asking";
  if (word.kind === "unreachable") return "unreachable";
  const { result, block } = word;
  const isFinal = build.state === "final";
  if (isFinal && result.status === "final") {
    const { outcome } = build;
    const isSame =
      outcome !== undefined && outcome.artifactSha256 === result.artifactSha256 && outcome.end === result.end;
    const isSameCode = result.end === "trapped" || outcome?.exitCode === result.exitCode;
    return isSame && isSameCode ? "agrees" : "contradicts";
  }
  if (isFinal === (result.status === "final")) return "agrees";
  if (isFromChain) return "behind";
  const indexed = indexedChain(build.chain)?.block ?? -1;
  // Who has read fewer blocks may just not know it yet.
  return isFinal ? (block < indexed ? "behind" : "contradicts") : indexed < block ? "behind" : "contradicts";
}

interface StandingProps {
  readonly build: BuildDetail;
  readonly word: ContractWord | undefined;
  readonly isFromChain: boolean;
}

/** Says where the page has what it shows from. */
export function StandingBadge({ build, word, isFromChain }: StandingProps) {
  const agreement = agreementOf(build, word, isFromChain);
  if (word === undefined) return <span class="badge">asking the contract…</span>;
  if (word.kind === "unreachable")
    return (
      <span class="badge badge-hint">
        {isFromChain ? "read from the chain" : "the index says so"}; the contract could not be asked:{" "}
        <Words text={word.why} most={160} />
      </span>
    );
  const block = grouped(word.block);
  if (agreement === "agrees") return <span class="badge badge-proven">read from the contract at block {block}</span>;
  if (agreement === "behind")
    return (
      <span class="badge badge-hint">
        the contract at block {block} says: {word.result.status}
      </span>
    );
  return <span class="badge badge-danger">the index contradicts the contract (block {block})</span>;
}

/** In full where the index contradicts the contract: then only the contract's word counts. */
export function Contradiction({ build, word, isFromChain }: StandingProps) {
  if (word?.kind !== "read" || agreementOf(build, word, isFromChain) !== "contradicts") return null;
  const { status, artifactSha256, exitCode, end } = word.result;
  return (
    <Notice kind="danger">
      <p>
        <strong>The index contradicts the contract.</strong> The index says that this build is {build.state}
        {build.outcome === undefined ? "" : " with another result"}. The contract, asked at block {grouped(word.block)},
        says: <strong>{status}</strong>
        {status === "final" && (end === "trapped" ? ", trapped" : `, exit code ${exitCode}`)}.
      </p>
      {status === "final" && artifactSha256 !== undefined && (
        <p>
          Its artifact is <Hash value={artifactSha256.slice(2)} of="artifact's sha256, of the contract" isWhole />
        </p>
      )}
      <p>Believe the contract: nothing else that this index says is proof of anything either.</p>
    </Notice>
  );
}
