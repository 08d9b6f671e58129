/** A transaction that has been sent, as it can be sent again. */
export interface SentTransaction {
  readonly nonce: number;
  /** Signed; the last one if it was replaced. */
  readonly raw: string;
  /** In words, for logs. */
  readonly action: string;
}

/** How far below the newest mined nonce transactions are kept: no reorganisation that is survived undoes more of them. */
const kept = 1024;

/**
 * What an account has sent, by nonce. A reorganisation can drop a transaction that was mined while later ones wait: none of
 * them can be mined until its nonce is used again, so it is sent again first.
 */
export class SentTransactions {
  readonly #sent = new Map<number, SentTransaction>();

  note(transaction: SentTransaction): void {
    this.#sent.set(transaction.nonce, transaction);
    for (const nonce of this.#sent.keys()) if (nonce < transaction.nonce - kept) this.#sent.delete(nonce);
  }

  /** The transaction at the first nonce that the chain has not used, if it has been sent. @param mined how many it has used. */
  atGap(mined: number): SentTransaction | undefined {
    return this.#sent.get(mined);
  }
}
