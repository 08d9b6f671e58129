import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { tooLarge } from "../drive.ts";
import { badObject, type GitObject } from "../gitObjects.ts";
import { endGit, type GitSettings, startGit, untilEnd } from "./gitProcess.ts";

interface Request {
  readonly id: string;
  readonly resolve: (object: GitObject) => void;
  readonly reject: (reason: unknown) => void;
}

/** Longest answer line before an object: id, type, size. */
const maxLine = 256;

/** Reads objects of one repository through one `git cat-file --batch`; answers come in the order of the requests. */
export class GitObjects {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly ended: Promise<void>;
  private readonly waiting: Request[] = [];
  private readonly capacity: number;
  private readonly hash: (type: string, content: Uint8Array) => string;
  private failure: unknown;
  /** Received and not yet consumed. */
  private chunks: Buffer[] = [];
  private received = 0;
  private total = 0;
  /** Bytes the next step of the reader needs; 0: a line. */
  private needed = 0;
  private answer: { id: string; type: string; size: number } | undefined;

  /** Objects of at most `capacity` bytes each, and of 4 * `capacity` together (trees and repeated content included). */
  constructor(
    gitDirectory: string,
    capacity: number,
    hash: (type: string, content: Uint8Array) => string,
    settings: GitSettings,
  ) {
    this.capacity = capacity;
    this.hash = hash;
    this.child = startGit([`--git-dir=${gitDirectory}`, "cat-file", "--batch"], "none", settings);
    this.child.stdin.on("error", () => {});
    this.child.stdout.on("data", (chunk: Buffer) => this.take(chunk));
    this.ended = untilEnd(this.child, settings);
    this.ended.then(
      () => this.fail(badObject(this.waiting[0]?.id ?? "", "was not delivered by git")),
      (error: unknown) => this.fail(error),
    );
  }

  /**
   * The object, checked against its id.
   * @throws AssayError `source/bad-object` when it is missing, or corrupt; `source/too-large`, codes about git. After all but the
   * first no more objects can be read.
   */
  read(id: string): Promise<GitObject> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ id, resolve, reject });
      this.child.stdin.write(`${id}\n`);
    });
  }

  /** Whether no more objects can be read. */
  get isBroken(): boolean {
    return this.failure !== undefined;
  }

  /** Lets git end by itself and waits for that. */
  async end(): Promise<void> {
    this.child.stdin.end();
    await this.ended;
  }

  /** Ends git if it still runs. */
  stop(): void {
    this.fail(badObject("", "was asked for after the end"));
  }

  private fail(reason: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = reason;
    for (const { reject } of this.waiting.splice(0)) reject(reason);
    this.chunks = [];
    endGit(this.child);
  }

  private take(chunk: Buffer): void {
    if (this.failure !== undefined) return;
    this.chunks.push(chunk);
    this.received += chunk.length;
    try {
      while (this.received > 0 && this.received >= this.needed && this.advance());
    } catch (error) {
      this.fail(error);
    }
  }

  /** Consumes an answer line, or an object's content; false when more bytes are needed. */
  private advance(): boolean {
    const bytes = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    if (this.answer === undefined) {
      const end = bytes.indexOf(0x0a);
      this.chunks = [bytes];
      if (end < 0) {
        if (bytes.length > maxLine) throw badObject(this.waiting[0]?.id ?? "", "got no answer from git");
        return false;
      }
      const line = bytes.toString("latin1", 0, end);
      this.consume(bytes, end + 1);
      const { id, reject } = this.waiting[0] ?? { id: "" };
      if (line === `${id} missing`) {
        this.waiting.shift();
        reject?.(badObject(id, "is missing from the repository: it may be a partial or damaged clone"));
        return true;
      }
      this.answer = this.parseAnswer(line);
      this.needed = this.answer.size + 1;
    } else {
      const { id, type, size } = this.answer;
      const content = new Uint8Array(bytes.subarray(0, size));
      this.consume(bytes, size + 1);
      this.needed = 0;
      this.answer = undefined;
      if (this.hash(type, content) !== id) throw badObject(id, "does not hash to its id: the repository is damaged");
      this.waiting.shift()!.resolve({ id, type, content });
    }
    return true;
  }

  private parseAnswer(line: string) {
    const id = this.waiting[0]?.id ?? "";
    const [given, type, size] = line.split(" ");
    if (given !== id || type === undefined || !/^[0-9]{1,15}$/.test(size ?? "")) {
      throw badObject(id, `got an answer from git that is not understood: ${JSON.stringify(line.slice(0, 80))}`);
    }
    this.total += Number(size);
    if (Number(size) > this.capacity || this.total > 4 * this.capacity) {
      throw tooLarge(Math.max(Number(size), this.total / 4), this.capacity);
    }
    return { id, type, size: Number(size) };
  }

  private consume(bytes: Buffer, count: number): void {
    this.received = bytes.length - count;
    this.chunks = this.received === 0 ? [] : [bytes.subarray(count)];
  }
}
