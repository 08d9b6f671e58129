import { copyFile, readFile, writeFile } from "node:fs/promises";
import type { HistoryEvent } from "../chain/history.ts";
import { provenStep } from "../chain/provenStep.ts";
import type { Root } from "../core/bytes.ts";
import { run } from "./actor.ts";
import { check, ether, number, remark } from "./screen.ts";
import type { Watch } from "./watch.ts";

/** What `assay build --json` prints, as far as the demo needs it. */
export interface BuildFacts {
  readonly buildId: Root;
  readonly finalRoot: Root;
  readonly artifactSha256: string;
  readonly artifactSize: string;
  readonly ticks: number;
  readonly seconds: number;
  readonly source: { readonly name: string; readonly entries: number; readonly driveSize: number };
}

export function isRevealBy(address: string): (event: HistoryEvent) => boolean {
  return ({ name, args }) => name === "ClaimRevealed" && String(args.solver) === address;
}

export async function isContradicted({ chain }: Watch, buildId: Root): Promise<boolean> {
  return (await chain.contract.resultOf(buildId)).status === 2n;
}

/** The dispute ended where the claim goes wrong, by a step that the contract executed. */
export async function checkRefutation(
  watch: Watch,
  wrongClaimId: Root,
  fault: { readonly tick: number; readonly step: number },
  { args, transaction }: HistoryEvent,
): Promise<void> {
  check("the wrong claim is the one that falls", args.claimId === wrongClaimId);
  check("it falls by a fault that the contract has seen", Number(args.cause) === 0);
  const proven = await provenStep(watch.chain.provider, transaction);
  check("the dispute has come down to one step, which the contract executed", proven !== undefined);
  check(
    "that step is the one at which the solver began to lie",
    proven?.tick === fault.tick && proven.step === fault.step - 1,
    proven === undefined ? "" : `step ${number(proven.step)} of tick ${number(proven.tick)}`,
  );
}

/** Half of the bond at least is burned, the rest is the verifier's, and the contract can pay what it owes. */
export async function checkMoney(watch: Watch, wrongClaimId: Root, wrongSolver: string): Promise<void> {
  const { contract, parameters, provider, deployment } = watch.chain;
  const { paid, burned, rewarded } = watch.ledger.history.claims.get(wrongClaimId)!.refutation!;
  check("bond = share of the verifier + burned share", paid + burned === parameters.solverBond, ether(paid + burned));
  check("at least half of it is burned", 2n * burned >= parameters.solverBond, ether(burned));
  check("the share goes to the verifier", watch.nameOf(rewarded) === "verifier");
  check("the wrong solver is owed nothing", (await contract.owed(wrongSolver)) === 0n);
  const withdrawn = await watch.until(
    ({ name, args }) => name === "Withdrawn" && watch.nameOf(args.account) === "verifier",
    "the verifier's withdrawal",
  );
  // The contract keeps 1 wei of what is owed for the first time.
  check("the verifier has its share", withdrawn.args.amount === paid - 1n, ether(withdrawn.args.amount as bigint));
  const balance = await provider.getBalance(deployment.assay);
  check("what burns stays in the contract for good", balance >= burned);
}

/** Sets the clock to where the claim can be finalized. */
export async function skipToFinality(watch: Watch, claimId: Root): Promise<void> {
  await watch.ledger.refresh();
  const from = watch.ledger.finalizableFrom(watch.ledger.history.claims.get(claimId)!);
  remark(`${number(await watch.skipTo(from))} seconds skipped`);
}

/** The client's one line, for the right artifact and for one with a changed bit. */
export async function askAsClient(
  command: readonly string[],
  folder: string,
  artifact: string,
  built: BuildFacts,
): Promise<void> {
  const asked = await run([...command, "--artifact", artifact], { folder });
  check("the client computes the same build id and gets the final result", asked.json.buildId === built.buildId);
  check("the hash on chain is that of the artifact on disk", asked.json.artifactSha256 === built.artifactSha256);
  check("final and matching: exit status 0", asked.status === 0, String(asked.json.verdict));
  const changed = `${artifact}.changed`;
  await copyFile(artifact, changed);
  const bytes = await readFile(changed);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(changed, bytes);
  const other = await run([...command, "--artifact", changed], { folder });
  check("an artifact with one changed bit is refused: exit status 5", other.status === 5, String(other.json.verdict));
}
