import { isAssayError } from "../../src/core/errors.ts";

/** The code of what is thrown; undefined when nothing is. @throws what is no `AssayError` */
export function refusalCode(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!isAssayError(error)) throw error;
    return error.code;
  }
}
