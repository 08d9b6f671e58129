import { spawn } from "node:child_process";
import { concatBytes } from "../../core/bytes.ts";
import { isAssayError } from "../../core/errors.ts";
import { badArchive, checkAmount } from "../errors.ts";
import { mostContentBytes } from "../limits.ts";

/**
 * Decompresses what the platform itself does not: by the program `xz` or `zstd` (Debian: xz-utils, zstd), within a bound.
 * @throws AssayError `dependencies/bad-archive`, also where the program is missing; `dependencies/too-large`
 */
export async function decompressWithProgram(
  title: string,
  format: "xz" | "zstd",
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const child = spawn(format, ["-dc", "-M", `${2 ** 28}`], { stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  ended.catch(() => {});
  // A program that ends early closes its input.
  child.stdin.on("error", () => {}).end(bytes);
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of child.stdout) {
      size += (piece as Buffer).length;
      checkAmount(`bytes in the archive of ${title}`, size, mostContentBytes);
      pieces.push(piece as Buffer);
    }
    if ((await ended) === 0) return concatBytes(...pieces);
  } catch (cause) {
    if (isAssayError(cause)) throw cause;
    throw badArchive(title, `cannot be unpacked without the program ${format}: install it`, cause);
  } finally {
    child.kill();
  }
  throw badArchive(title, `is no ${format}, or is damaged`);
}
