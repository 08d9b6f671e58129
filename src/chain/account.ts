import type { Root } from "../core/bytes.ts";
import type { AssayChain } from "./assay.ts";

/** The contract's numbers of a stake's status. */
const stakeStatuses = ["none", "live", "lost", "returned"] as const;
/** The contract's numbers of a claim's status, as far as they matter to a commitment. */
const claimStatuses = ["none", "committed", "revealed", "revealed", "revealed", "returned"] as const;

export type StakeStatus = (typeof stakeStatuses)[number];

/** A commitment as the contract keeps it. One that was returned, or has expired, is never taken again. */
export interface Commitment {
  readonly status: (typeof claimStatuses)[number];
  /** Seconds. */
  readonly committedAt: number;
}

/** What the newest block says about one account. Amounts in wei. */
export interface AccountReader {
  balance(): Promise<bigint>;
  /** What a unit of gas costs at most before long. */
  gasPrice(): Promise<bigint>;
  /** What the contract owes the account. */
  owed(): Promise<bigint>;
  commitment(claimId: Root): Promise<Commitment>;
  /** Never an answer from before: a stake that is sent twice costs twice. @param key `stakeKeyOf` */
  stakeStatus(key: Root): Promise<StakeStatus>;
}

/**
 * @param moment changes when there is something new on the chain: as long as it stays, nothing is asked a second time.
 */
export function accountReader(
  { provider, contract }: AssayChain,
  address: string,
  moment: () => unknown,
): AccountReader {
  let of: unknown;
  const answers = new Map<string, Promise<unknown>>();
  async function once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    if (of !== moment()) answers.clear();
    of = moment();
    const known = answers.get(question);
    if (known !== undefined) return (await known) as T;
    const answer = ask();
    answers.set(question, answer);
    try {
      return await answer;
    } catch (error) {
      answers.delete(question);
      throw error;
    }
  }
  return {
    balance: () => once("balance", async () => await provider.getBalance(address)),
    gasPrice: () =>
      once("gas price", async () => {
        const block = await provider.getBlock("latest");
        return 2n * (block?.baseFeePerGas ?? 0n) + 2_000_000_000n;
      }),
    owed: () => once("owed", async () => await contract.owed(address)),
    commitment: (claimId) =>
      once(`commitment ${claimId}`, async () => {
        const { status, committedAt } = await contract.claimOf(address, claimId);
        return { status: claimStatuses[Number(status)] ?? "revealed", committedAt: Number(committedAt) };
      }),
    stakeStatus: async (key) => stakeStatuses[Number((await contract.stakeOf(key)).status)] ?? "returned",
  };
}
