import { readFileSync, statSync } from "node:fs";
import { AssayError } from "../../core/errors.ts";

/** Where the token of a store comes from: never from arguments or the configuration itself. */
export interface TokenSource {
  /** A file that holds it on its first line, readable by its owner alone. */
  readonly tokenFile?: string | undefined;
  /** Name of an environment variable that holds it. */
  readonly tokenVariable?: string | undefined;
}

/** What has been read of the environment, from which it has been removed. */
const known = new Map<string, string>();

/**
 * The token of a store; undefined where none is named. The variable is removed from `environment`.
 * @throws AssayError `store/bad-tokens`; no message ever holds the token.
 */
export function readStoreToken(
  { tokenFile, tokenVariable }: TokenSource,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  if (tokenFile !== undefined) return checked(fromFile(tokenFile), tokenFile);
  if (tokenVariable === undefined) return undefined;
  const found = environment[tokenVariable] ?? known.get(tokenVariable);
  delete environment[tokenVariable];
  if (found === undefined) throw badToken(tokenVariable, "is not set, and should hold a store's token");
  known.set(tokenVariable, found);
  return checked(found.trim(), tokenVariable);
}

function fromFile(file: string): string {
  let text: string;
  let mode: number;
  try {
    mode = statSync(file).mode;
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw badToken(file, "cannot be read, and should hold a store's token", cause);
  }
  if ((mode & 0o077) !== 0) throw badToken(file, "can be read or written by others: run chmod 600 on it");
  return text.split(/\r?\n/, 1)[0]!.trim();
}

function checked(token: string, file: string): string {
  if (/^[\x21-\x7e]{1,200}$/.test(token)) return token;
  throw badToken(file, "holds no token: one word, as `assay store grant` prints it");
}

function badToken(file: string, fact: string, cause?: unknown) {
  return new AssayError("store/bad-tokens", `${file} ${fact}`, { file }, { cause });
}
