import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../core/errors.ts";
import type { SignedTransaction } from "./signingProvider.ts";

/** What this file needs of a line of Ignition's journal. */
interface Message {
  readonly type: string;
  /** As in "Assay#StepVerifier". */
  readonly futureId: string;
  readonly nonce?: number;
  readonly from?: string;
  readonly result?: { readonly type: string };
}

/** A transaction that Ignition was about to send when its process ended, and does not know the hash of. */
export interface LostTransaction {
  readonly futureId: string;
  readonly nonce: number;
}

/**
 * The folder in which Ignition keeps how far a deployment has come, and beside it every signed transaction. A process that was
 * killed at any moment leaves a folder from which the next one goes on.
 */
export class Journal {
  private readonly journalFile: string;
  private readonly signedFile: string;

  constructor(readonly folder: string) {
    this.journalFile = join(folder, "journal.jsonl");
    this.signedFile = join(folder, "signed.jsonl");
  }

  /** Whether an earlier process has begun. */
  get begun(): boolean {
    return existsSync(this.journalFile);
  }

  /** Accounts that an earlier process has sent from. */
  get senders(): readonly string[] {
    return [...new Set(this.messages().flatMap(({ from }) => (from === undefined ? [] : [from])))];
  }

  /** Names of the contracts that stand. */
  get finished(): readonly string[] {
    return this.messages()
      .filter(({ type, result }) => type === "DEPLOYMENT_EXECUTION_STATE_COMPLETE" && result?.type === "SUCCESS")
      .map(({ futureId }) => futureId.split("#")[1]!);
  }

  /** Transactions whose sending began and whose hash Ignition did not get to write. */
  get lost(): readonly LostTransaction[] {
    const waiting = new Map<string, LostTransaction>();
    const sent = new Set<string>();
    for (const { type, futureId, nonce } of this.messages()) {
      if (type === "TRANSACTION_PREPARE_SEND" && !sent.has(futureId)) {
        waiting.set(futureId, { futureId, nonce: nonce! });
      } else if (type === "TRANSACTION_SEND") {
        sent.add(futureId);
        waiting.delete(futureId);
      } else if (type === "WIPE_APPLY") {
        sent.delete(futureId);
        waiting.delete(futureId);
      }
    }
    return [...waiting.values()];
  }

  /** Every transaction with this nonce that was signed, the newest first. */
  signed(nonce: number): readonly SignedTransaction[] {
    const all = parseLines<SignedTransaction>(this.signedFile).values;
    return all.filter((each) => each.nonce === nonce).reverse();
  }

  /** Keeps a signed transaction; on disk when this returns. */
  note(signed: SignedTransaction): void {
    mkdirSync(this.folder, { recursive: true });
    this.cutOff(this.signedFile);
    appendFileSync(this.signedFile, `${JSON.stringify(signed)}\n`, { flush: true });
  }

  /** Takes away a last line that was cut off in the middle of being written: it says nothing yet. Only for who writes. */
  repair(): void {
    this.cutOff(this.journalFile);
  }

  private cutOff(file: string): void {
    const { wholeBytes } = parseLines(file);
    if (wholeBytes !== undefined) truncateSync(file, wholeBytes);
  }

  private messages(): readonly Message[] {
    return parseLines<Message>(this.journalFile).values;
  }
}

/** @returns `wholeBytes` when the last line is cut off: where it begins. */
function parseLines<T>(file: string): { readonly values: readonly T[]; readonly wholeBytes?: number } {
  if (!existsSync(file)) return { values: [] };
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n");
  const values: T[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    try {
      values.push(JSON.parse(line) as T);
    } catch (cause) {
      if (index === lines.length - 1) return { values, wholeBytes: Buffer.byteLength(text.slice(0, -line.length)) };
      const message = `${file} is damaged in line ${index + 1}: restore it, or remove its folder to deploy anew`;
      throw new AssayError("deployment/failed", message, { file, line: index + 1 }, { cause });
    }
  }
  return { values };
}
