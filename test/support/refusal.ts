import { isAssayError } from "../../src/core/errors.ts";

/** Code, rule and offset of a module's refusal; undefined when nothing is thrown. @throws what is no refusal */
export function refusalOf(load: () => unknown): { code: string; rule: string; offset: number } | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    if (!isAssayError(error, "wasm/malformed", "wasm/invalid", "wasm/unsupported")) throw error;
    const { rule, offset } = error.details;
    return { code: error.code, rule, offset };
  }
}
