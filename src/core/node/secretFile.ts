import { open } from "node:fs/promises";

/** Why a secret was not read. `message` says what to do. */
export type SecretFault =
  | { readonly kind: "unreadable"; readonly message: string; readonly cause: unknown }
  /** @param mode in octal. */
  | { readonly kind: "open-to-others"; readonly message: string; readonly mode: string };

/**
 * The text of a file that holds a secret: a key, a password. A file that its group or others may read or write is refused, encrypted
 * or not.
 * @param what it is, for the message. @param refuse makes the error of who reads.
 * @throws what `refuse` makes
 */
export async function readSecretFile(
  file: string,
  what: string,
  refuse: (fault: SecretFault) => Error,
): Promise<string> {
  let mode: number;
  let text: string;
  try {
    const handle = await open(file, "r");
    try {
      mode = (await handle.stat()).mode;
      text = await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw refuse({ kind: "unreadable", message: `cannot read the ${what} ${file}`, cause });
  }
  if ((mode & 0o077) === 0) return text;
  const message = `others may read or write the ${what} ${file}: run chmod 600 on it`;
  throw refuse({ kind: "open-to-others", message, mode: (mode & 0o777).toString(8) });
}
