/** One test, as a report tells it. */
export interface TestCase {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
}

/** Tests of one run; a report that has more is refused. */
export const mostTests = 100_000;
/** Characters of a name that are kept. */
export const mostNameCharacters = 200;

export function nameOf(text: string): string {
  return text.length > mostNameCharacters ? `${text.slice(0, mostNameCharacters)}…` : text;
}
