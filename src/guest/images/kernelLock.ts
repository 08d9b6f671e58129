import { z } from "zod";
import { AssayError } from "../../core/errors.ts";
import { checkValue, parseJson } from "../../core/json.ts";

/** The name of the file beside the locks of environments. */
export const kernelLockFile = "kernel.json";

const schema = z.strictObject({ version: z.literal(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/**
 * The kernel that environments are made with, by the sha256 of its image.
 * @throws AssayError `guest/bad-lock`
 */
export function parseKernelLock(text: string): z.infer<typeof schema> {
  const refuse = (why: string, cause?: unknown) =>
    new AssayError("guest/bad-lock", `${kernelLockFile} names no kernel: ${why}`, { file: kernelLockFile }, { cause });
  return checkValue(parseJson(text, refuse), schema, refuse);
}
