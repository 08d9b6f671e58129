import { Interface, toBeHex } from "ethers";
import type { Root } from "../../src/core/bytes.ts";
import { packChallenge } from "../../src/protocol/challenge.ts";
import { type Address, type ClaimFields, claimIdOf, referenceOf, requestIdOf } from "../../src/protocol/claim.ts";
import { rowRoot } from "../../src/protocol/row.ts";
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
  const fieldsOf = (kind: number): ClaimFields => ({
    ...{ buildId, finalRoot: word(kind + 4, number), log2Ticks: 12, log2CheckpointTicks: 4 },
    ...{ checkpointRoot: word(5, number), locator: `sha256:${"ab".repeat(32)}` },
    outcome: { endStatus: 2, code: 0, recordVersion: 1, artifactSize: 100_000n, artifactSha256: word(6, number) },
  });
  const idOf = (kind: number, by: Address) =>
    claimIdOf(31337n, contractAddress, referenceOf(by, word(7, number), fieldsOf(kind)));
  const reveal = (kind: number, by: Address) => {
    const { finalRoot, checkpointRoot, locator } = fieldsOf(kind);
    const fields = [buildId, finalRoot, 12, 4, checkpointRoot, locator];
    const outcome = [2, 0, 1, 100_000, word(6, number)];
    const times = [2_000_000_000, 1_900_000_000, kind === 2];
    return event("ClaimRevealed", [idOf(kind, by), buildId, by, fields, word(7, number), outcome, ...times]);
  };
  const claimId = idOf(2, solver!);
  const expiry = 4_000_000_000;
  const requestId = requestIdOf({ requester: requester!, buildId, expiry, number: BigInt(number) });
  return [
    event("BuildRequested", [requestId, buildId, requester, 10n ** 16n, expiry, number, "sha256:abc"]),
    event("ClaimCommitted", [claimId, solver]),
    reveal(2, solver!),
    ...(number % 20 === 0 ? dispute(number, buildId, idOf(3, wrong!), reveal(3, wrong!), wrong!, challenger!) : []),
    event("ClaimFinalized", [claimId, buildId]),
    event("BuildFinalized", [buildId, claimId, word(6, number)]),
    event("RewardPaid", [buildId, solver, 10n ** 16n]),
  ];
}

function dispute(
  number: number,
  buildId: string,
  claimId: Root,
  reveal: FakeLog,
  solver: Address,
  challenger: Address,
): FakeLog[] {
  const id = word(9, number);
  const clocks = { since: 1_800_000_000, solverLeft: 1000, challengerLeft: 1000 };
  const range = { level: "ticks", tick: 0, from: 0, log2Length: 12 } as const;
  const interior = Array.from({ length: 15 }, (_, i) => word(20 + i, number));
  const startRoot = word(10, number);
  const roots = { startRoot, endRoot: word(11, number), row: rowRoot(startRoot, interior) };
  const challenge = packChallenge({ id, challenger, solver, range, ...clocks, ...roots });
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
