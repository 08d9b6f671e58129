import { AssayError } from "../core/errors.ts";
import type { ChainErrorCode } from "./errors.ts";

/** A block by number and hash: if the chain later has another hash at this height, everything since is void. */
export interface BlockId {
  readonly number: number;
  readonly hash: string;
}

/** A block that is linked to the one before it. */
export interface KnownBlock extends BlockId {
  readonly parentHash: string;
  /** Seconds. */
  readonly timestamp: number;
}

/** A block whose logs have been taken in. */
export interface ConfirmedBlock extends KnownBlock {
  /** Whether any of them are the contract's. */
  readonly hasLogs: boolean;
}

/** What a server tells of a block without its transactions. */
export interface Header extends KnownBlock {
  /** 256 bytes in which every address and topic of the block's logs has three bits. */
  readonly bloom: string;
  /** Hashes of its transactions. */
  readonly transactions: readonly string[];
}

/** One log. Hexadecimal digits are small. */
export interface ChainLog extends Position {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly transactionHash: string;
}

/** A log and the time of its block. */
export interface DatedLog extends ChainLog {
  /** Seconds. */
  readonly timestamp: number;
}

export function dated(logs: readonly ChainLog[], { timestamp }: KnownBlock): DatedLog[] {
  return logs.map((log) => ({ ...log, timestamp }));
}

/** Where a log stands. */
interface Position {
  readonly blockHash: string;
  readonly blockNumber: number;
  /** Number of the log in its block. */
  readonly index: number;
}

/** Names a log: the same transaction has another name in another block. */
export function nameOf({ blockHash, index }: Position): string {
  return `${blockHash} ${index}`;
}

export function inOrder(a: Position, b: Position): number {
  return a.blockNumber - b.blockNumber || a.index - b.index;
}

/** @returns undefined for `null`. @throws AssayError `chain/bad-answer-fault` */
export function headerFrom(given: unknown, host: string): Header | undefined {
  if (given === null || given === undefined) return undefined;
  const fields = fieldsOf(given, "a block", host);
  const { transactions } = fields;
  if (!Array.isArray(transactions)) throw badAnswer("a block", host);
  return {
    number: fields.quantity("number"),
    hash: fields.bytes("hash", 32),
    parentHash: fields.bytes("parentHash", 32),
    timestamp: fields.quantity("timestamp"),
    bloom: fields.bytes("logsBloom", 256),
    transactions: transactions.map((hash) => bytesFrom(hash, 32) ?? refuse("a block", host)),
  };
}

/** @throws AssayError `chain/bad-answer-fault`; `chain/reorganised-fault` for a log that the server itself says is void. */
export function logsFrom(given: unknown, host: string): ChainLog[] {
  if (!Array.isArray(given)) throw badAnswer("a list of logs", host);
  return given.map((one) => {
    const fields = fieldsOf(one, "a log", host);
    if (fields.removed === true) throw reorganised(fields.quantity("blockNumber"));
    if (!Array.isArray(fields.topics) || fields.topics.length > 4) throw badAnswer("a log", host);
    return {
      blockHash: fields.bytes("blockHash", 32),
      blockNumber: fields.quantity("blockNumber"),
      index: fields.quantity("logIndex"),
      address: fields.bytes("address", 20),
      topics: fields.topics.map((topic) => bytesFrom(topic, 32) ?? refuse("a log", host)),
      data: fields.bytes("data"),
      transactionHash: fields.bytes("transactionHash", 32),
    };
  });
}

export function reorganised(number: number): AssayError<ChainErrorCode> {
  return new AssayError(
    "chain/reorganised-fault",
    `the chain changed at block ${number} while it was read; it will be read again`,
    { number },
  );
}

/** @param what "block 5": what the server is expected to know. */
export function unknownTo(host: string, what: string): AssayError<ChainErrorCode> {
  return new AssayError(
    "chain/behind-fault",
    `the RPC server ${host} does not know ${what}, of which it or another one has told: it will be asked again`,
    { host },
  );
}

export function badAnswer(what: string, host: string): AssayError<ChainErrorCode> {
  return new AssayError(
    "chain/bad-answer-fault",
    `the RPC server ${host} was asked for ${what} and answered something else`,
    { host },
  );
}

function refuse(what: string, host: string): never {
  throw badAnswer(what, host);
}

/** The fields of an answer, each of which is checked when it is taken. */
function fieldsOf(given: unknown, what: string, host: string) {
  if (typeof given !== "object" || given === null) throw badAnswer(what, host);
  const fields = given as Record<string, unknown>;
  return {
    removed: fields.removed,
    topics: fields.topics,
    transactions: fields.transactions,
    quantity: (name: string) => quantityFrom(fields[name]) ?? refuse(what, host),
    bytes: (name: string, length?: number) => bytesFrom(fields[name], length) ?? refuse(what, host),
  };
}

function quantityFrom(given: unknown): number | undefined {
  return typeof given === "string" && /^0x[0-9a-f]{1,12}$/i.test(given) ? Number(given) : undefined;
}

function bytesFrom(given: unknown, length?: number): string | undefined {
  if (typeof given !== "string" || !/^0x([0-9a-f]{2})*$/i.test(given)) return undefined;
  if (length !== undefined && given.length !== 2 + 2 * length) return undefined;
  return given.toLowerCase();
}
