import { isAssayError } from "../core/errors.ts";

/** What `assay` exits with; docs/cli.md explains each. */
export const exitStatus = {
  /** Done; for `assay result`: final, a success, and the artifact (if one was given) is the one. */
  ok: 0,
  /** Something failed that no other status names; for `assay diff`: they differ. */
  failed: 1,
  /** Wrong arguments (a source that is refused, too) or configuration. */
  usage: 2,
  /** Nothing final is known about the build yet. */
  notFinal: 3,
  /** Nothing final, no claim lives, and at least one has been refuted. */
  refuted: 4,
  /** Final, but the artifact at hand is another one; an environment's images or id, a contract's terms are not what they should be. */
  mismatch: 5,
  /** The chain could not be asked: no answer, or none in time; for `assay diff`: a result cannot be had. */
  unreachable: 6,
  /** The chain is not the one that is expected, has other contracts or another machine, or lacks what the contracts need. */
  otherChain: 7,
  /** Final, and the build itself failed: exit code not 0, or a trap. */
  buildFailed: 8,
  /** A daemon ended (or ran once) with duties undone: a deadline missed, a challenge lost, a wrong final, a claim unchecked; or a severe alert stands. */
  dutyMissed: 9,
} as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** The status for an error that ends a command. */
export function statusOf(error: unknown): ExitStatus {
  if (!isAssayError(error)) return exitStatus.failed;
  if (
    /^chain\/(unreachable|stalled|rate-limited|behind|refused|reorganised|contradiction|no-agreement)-fault$/.test(
      error.code,
    )
  ) {
    return exitStatus.unreachable;
  }
  if (error.code === "cli/diff-unavailable") return exitStatus.unreachable;
  if (/^chain\/(wrong-chain|no-contract|other-contract|other-machine|bad-answer-fault)$/.test(error.code)) {
    return exitStatus.otherChain;
  }
  if (/^deployment\/(evm-lacks|not-kept)$/.test(error.code)) return exitStatus.otherChain;
  if (/^deployment\/(bad-parameters|bad-record|other-record|other-account)$/.test(error.code)) return exitStatus.usage;
  if (
    /^(core\/no-cache-folder|environment\/(unknown|bad-build)|cli\/(bad-config|no-config|bad-argument|refused)|chain\/(bad-key|key-permissions|no-block-tag)|agents\/(bad-fault|fault-refused|other-account|bad-secret))$/.test(
      error.code,
    )
  ) {
    return exitStatus.usage;
  }
  if (
    /^(source|radicle)\/(?!.*-fault$)|^store\/bad-|^(client\/bad-policy|packages\/bad-lock|dependencies\/(bad-lock|stale-lock|bad-address)|tasks\/(bad|no)-file|attestation\/(bad-public-key|no-sigstore|wrong-password|key-permissions|bad-address))$/.test(
      error.code,
    )
  ) {
    return exitStatus.usage;
  }
  if (
    /^(guest\/(bad-image|other-bytes|other-environment)|environment\/other-(start|artifact)|dependencies\/other-(content|image))$/.test(
      error.code,
    )
  ) {
    return exitStatus.mismatch;
  }
  return exitStatus.failed;
}
