import { Interface, type Provider } from "ethers";
import { unpackChallenge } from "../protocol/challenge.ts";
import { IAssay__factory } from "../types/factories/interfaces/IAssay__factory.ts";

const abi = new Interface(IAssay__factory.abi);

/** One step of one tick. */
export interface ProvenStep {
  readonly tick: number;
  readonly step: number;
}

/**
 * The step that a transaction had the contract execute: for people who want to see where a claim was wrong. Undefined for
 * other transactions, and for those that came through another contract.
 */
export async function provenStep(provider: Provider, transaction: string): Promise<ProvenStep | undefined> {
  const found = await provider.getTransaction(transaction);
  const call = found === null ? null : abi.parseTransaction(found);
  if (call === null || (call.name !== "proveFault" && call.name !== "selectFault")) return undefined;
  const { range } = unpackChallenge(call.args.shown.toObject());
  const child = call.name === "selectFault" ? Number(call.args.selection.child) : 0;
  return { tick: range.tick, step: range.from + child };
}
