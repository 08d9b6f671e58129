import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { AssayError } from "../../core/errors.ts";
import { checkValue, parseJson } from "../../core/json.ts";
import { writeFileAtomically } from "./atomicFile.ts";

/** Somebody who may write to a store. What the file holds does not let anybody write: it has the token's hash only. */
export interface StoreToken {
  readonly name: string;
  /** Of the token's text, in hexadecimal. */
  readonly sha256: string;
  /** Bytes that it may have in the store. */
  readonly quotaBytes: number;
}

const schema = z.strictObject({
  kind: z.literal("assay-store-tokens"),
  version: z.literal(1),
  tokens: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9._@-]{1,64}$/, "is not a name: letters, digits and ._@- only"),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        quotaBytes: z.int().positive(),
      }),
    )
    .max(10_000),
});

/**
 * The tokens in a file; none if there is no file.
 * @throws AssayError `store/bad-tokens`
 */
export async function readTokens(file: string): Promise<readonly StoreToken[]> {
  const refuse = (why: string, cause?: unknown) =>
    new AssayError("store/bad-tokens", `the tokens in ${file} cannot be read: ${why}`, { file }, { cause });
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw refuse((cause as Error).message, cause);
  }
  const { tokens } = checkValue(parseJson(text, refuse), schema, refuse);
  if (new Set(tokens.map(({ name }) => name)).size < tokens.length) throw refuse("a name stands twice");
  return tokens;
}

/**
 * Adds a token to a file, which is made if it is not there.
 * @returns its text, which is nowhere else. @throws AssayError `store/bad-tokens`, also where the name is taken
 */
export async function addToken(file: string, name: string, quotaBytes: number): Promise<string> {
  const tokens = await readTokens(file);
  if (tokens.some((token) => token.name === name)) {
    throw new AssayError("store/bad-tokens", `${file} has a token ${name} already: revoke it, or take another name`, {
      file,
    });
  }
  // 256 random bits: a hash that is quick to compute protects them as well as a slow one.
  const text = `assay-store-${randomBytes(32).toString("base64url")}`;
  await writeTokens(file, [...tokens, { name, sha256: hashOf(text).toString("hex"), quotaBytes }]);
  return text;
}

/** Takes a token out of a file. @returns whether it was there. @throws AssayError `store/bad-tokens` */
export async function revokeToken(file: string, name: string): Promise<boolean> {
  const tokens = await readTokens(file);
  const left = tokens.filter((token) => token.name !== name);
  if (left.length === tokens.length) return false;
  await writeTokens(file, left);
  return true;
}

async function writeTokens(file: string, tokens: readonly StoreToken[]): Promise<void> {
  const text = JSON.stringify({ kind: "assay-store-tokens", version: 1, tokens }, null, 2);
  schema.parse(JSON.parse(text));
  await writeFileAtomically(file, `${text}\n`, 0o600);
}

/** Who may write, as a file says: it is read again whenever it has changed. */
export class TokenFile {
  private print = "";
  private tokens: readonly StoreToken[] = [];

  constructor(private readonly file: string) {}

  /** @param header `Authorization: Bearer <token>`. @returns whose token it is. @throws AssayError `store/bad-tokens` */
  async find(header: string | undefined): Promise<StoreToken | undefined> {
    await this.refresh();
    const given = hashOf(/^Bearer +([\x21-\x7e]{1,200})$/i.exec(header ?? "")?.[1] ?? "");
    let found: StoreToken | undefined;
    // All are compared, each in constant time.
    for (const token of this.tokens) {
      if (timingSafeEqual(given, Buffer.from(token.sha256, "hex"))) found = token;
    }
    return found;
  }

  private async refresh(): Promise<void> {
    const found = await stat(this.file).catch(() => undefined);
    const print = found === undefined ? "none" : [found.size, found.ino, found.mtimeMs, found.ctimeMs].join(" ");
    if (print === this.print) return;
    this.tokens = await readTokens(this.file);
    this.print = print;
  }
}

function hashOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
