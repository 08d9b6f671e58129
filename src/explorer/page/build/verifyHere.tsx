import type { BuildDetail, ClaimSummary } from "../../records.ts";

interface VerifyHereProps {
  readonly build: BuildDetail;
  readonly claim: ClaimSummary;
}

/** Place of the re-execution in this tab. */
export function VerifyHere(_: VerifyHereProps) {
  return null;
}
