import { status, trackTransaction, wipe } from "@nomicfoundation/ignition-core";
import { AssayError } from "../core/errors.ts";
import { artifacts } from "./contracts.ts";
import type { Journal } from "./journal.ts";
import type { SignedTransaction, SigningProvider } from "./signingProvider.ts";

/**
 * Brings a journal to a state from which Ignition goes on: a transaction whose hash it did not get to write is looked for and told,
 * or sent once more; what has failed is begun anew.
 * @throws AssayError `deployment/failed`, `chain/...-fault`
 */
export async function recover(journal: Journal, provider: SigningProvider): Promise<void> {
  if (!journal.begun) return;
  const { folder } = journal;
  journal.repair();
  for (const { futureId, nonce } of journal.lost) {
    const hash = await findOrSend(journal.signed(nonce), provider);
    // What nobody knows of was not sent, or the next transaction with its nonce takes its place.
    if (hash === undefined) await wipe(folder, artifacts, futureId);
    else await trackTransaction(folder, hash, provider);
  }
  const { failed, timedOut } = await status(folder);
  for (const { futureId } of failed) await wipe(folder, artifacts, futureId);
  if (timedOut.length === 0) return;
  const names = timedOut.map(({ futureId }) => futureId).join(", ");
  throw new AssayError(
    "deployment/failed",
    `an earlier run gave up waiting for ${names}: wait until its transaction is mined or cancelled, then remove ${folder} to begin anew`,
    { folder },
  );
}

/** The hash of the one of these transactions that the chain knows, or comes to know. */
async function findOrSend(
  signed: readonly SignedTransaction[],
  provider: SigningProvider,
): Promise<string | undefined> {
  for (const { hash, raw } of signed) {
    const isKnown = async () =>
      (await provider.request({ method: "eth_getTransactionByHash", params: [hash] })) !== null;
    if (await isKnown()) return hash;
    try {
      await provider.request({ method: "eth_sendRawTransaction", params: [raw] });
    } catch {
      // Its nonce is used, or it pays too little by now: then nobody knows it below.
    }
    if (await isKnown()) return hash;
  }
  return undefined;
}
