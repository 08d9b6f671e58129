import { writeFile } from "node:fs/promises";
import { AssayError } from "../core/errors.ts";
import { diskError } from "../store/node/atomicFile.ts";

/**
 * Writes a key's file, readable by its owner alone.
 * @throws AssayError `cli/refused` where a file is already, `store/...`
 */
export async function writeNewKey(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx", mode: 0o600, flush: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw diskError(cause, "write", file);
    const message = `${file} is there already, and may be all that holds a key: name another file`;
    throw new AssayError("cli/refused", message, { file }, { cause });
  }
}
