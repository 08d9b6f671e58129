import { Interface, toBeHex } from "ethers";
import { packChallenge } from "../../src/protocol/challenge.ts";
import type { Address } from "../../src/protocol/claim.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";
import { contractAddress, type FakeLog } from "./fakeChainServer.ts";

const abi = new Interface(IAssay__factory.abi);
const event = (name: string, values: readonly unknown[]): FakeLog => ({
  address: contractAddress,
  ...abi.encodeEventLog(name, values),
});
const word = (kind: number, number: number) => toBeHex((BigInt(kind) << 64n) | BigInt(number), 32) as `0x${string}`;
const accounts = Array.from({ length: 20 }, (_, i) => toBeHex(1000 + i, 20) as Address);

/** The events of a build from request to reward; every twentieth has a wrong claim that is refuted in a dispute of 20 moves. */
export function finishedBuild(number: number): FakeLog[] {
  const [requester, solver, wrong, challenger] = [0, 1, 2, 3].map((i) => accounts[(number + i) % accounts.length]!);
  const buildId = word(1, number);
  const reveal = (kind: number, by: string) => {
    const fields = [buildId, word(kind + 4, number), 12, 4, word(5, number), `sha256:${"ab".repeat(32)}`];
    const outcome = [2, 0, 1, 100_000, word(6, number)];
    const times = [2_000_000_000, 1_900_000_000, kind === 2];
    return event("ClaimRevealed", [word(kind, number), buildId, by, fields, word(7, number), outcome, ...times]);
  };
  const claimId = word(2, number);
  return [
    event("BuildRequested", [word(4, number), buildId, requester, 10n ** 16n, 4_000_000_000, number, "sha256:abc"]),
    event("ClaimCommitted", [claimId, solver]),
    reveal(2, solver!),
    ...(number % 20 === 0 ? dispute(number, buildId, reveal(3, wrong!), wrong!, challenger!) : []),
    event("ClaimFinalized", [claimId, buildId]),
    event("BuildFinalized", [buildId, claimId, word(6, number)]),
    event("RewardPaid", [buildId, solver, 10n ** 16n]),
  ];
}

function dispute(number: number, buildId: string, reveal: FakeLog, solver: Address, challenger: Address): FakeLog[] {
  const [claimId, id] = [word(3, number), word(9, number)];
  const clocks = { since: 1_800_000_000, solverLeft: 1000, challengerLeft: 1000 };
  const range = { level: "ticks", tick: 0, from: 0, log2Length: 12 } as const;
  const roots = { startRoot: word(10, number), endRoot: word(11, number), row: word(12, number) };
  const challenge = packChallenge({ id, challenger, solver, range, ...clocks, ...roots });
  const interior = Array.from({ length: 15 }, (_, i) => word(20 + i, number));
  const moves = Array.from({ length: 10 }, () => [
    event("Answered", [id, challenge, interior]),
    event("Selected", [id, challenge]),
  ]);
  return [
    event("ClaimCommitted", [claimId, solver]),
    reveal,
    event("ChallengeOpened", [claimId, id, challenger, 0, challenge]),
    ...moves.flat(),
    event("ClaimRefuted", [claimId, buildId, id, 0, challenger, 10n ** 17n, 10n ** 17n]),
    event("StakeReturned", [challenger, buildId, 0]),
  ];
}
