/** JSON that others wrote: taken only as what a schema says. What is wrong is told in words, and the caller makes its error. */
import type { z } from "zod";

/** Makes the error of who reads. @param why what is wrong, as the end of a sentence. */
export type Refuse = (why: string, cause?: unknown) => Error;

/** @throws what `refuse` makes of text that is not JSON. */
export function parseJson(text: string, refuse: Refuse): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse("it is not JSON", cause);
  }
}

/** The value as the schema has it. @throws what `refuse` makes of the places where it is something else. */
export function checkValue<S extends z.ZodType>(value: unknown, schema: S, refuse: Refuse): z.output<S> {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const faults = faultsOf(checked.error).map(({ path, why }) => `${path.join(".")}: ${why}`);
  throw refuse(faults.join("; "), checked.error);
}

/** What a schema has found: where, and what is wrong there. */
export function faultsOf({ issues }: z.ZodError): { readonly path: readonly PropertyKey[]; readonly why: string }[] {
  return issues.map((issue) => {
    const inner = issue.code === "invalid_key" ? issue.issues[0] : undefined;
    return { path: issue.path, why: inner?.message ?? issue.message };
  });
}
