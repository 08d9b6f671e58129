import { Interface, type Wallet } from "ethers";
import { createAssaySender } from "../../src/chain/assay.ts";
import { assayCalls } from "../../src/chain/claims.ts";
import { defaultFeePolicy } from "../../src/chain/outbox/call.ts";
import type { ClaimRecord } from "../../src/chain/records.ts";
import type { Root } from "../../src/core/bytes.ts";
import { type Address, claimIdOf, referenceOf } from "../../src/protocol/claim.ts";
import { hashText } from "../../src/protocol/hash.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";
import type { AgentWorld } from "./agentWorld.ts";

const abi = new Interface(IAssay__factory.abi);

/**
 * Claims what somebody else has claimed, with the proofs from its reveal: a clone, which nobody has to run anything for.
 * @returns its claim id.
 */
export async function cloneClaim(world: AgentWorld, { claimId, fields }: ClaimRecord, by: Wallet): Promise<Root> {
  const { chain, deployment } = world;
  const [event] = await chain.contract.queryFilter(chain.contract.filters.ClaimRevealed(claimId));
  const { data } = await event!.getTransaction();
  const [, , startProof, endProof] = abi.decodeFunctionData("reveal", data);
  const salt = hashText(`clone of ${claimId} by ${by.address}`);
  const reference = referenceOf(by.address as Address, salt, fields);
  const cloneId = claimIdOf(deployment.chainId, deployment.assay, reference);
  const sender = await createAssaySender(chain, by, defaultFeePolicy);
  await sender.send(assayCalls(deployment.assay).commit(cloneId, chain.parameters.solverBond));
  await world.skip(chain.parameters.minCommitAgeSeconds);
  const reveal = abi.encodeFunctionData("reveal", [fields, salt, startProof, endProof]);
  await sender.send({ to: deployment.assay, data: reveal, action: "reveal a clone" });
  return cloneId;
}
