import { appendFileSync } from "node:fs";

/** What instrumented game logic calls: appends to the file `ASSAY_COVERAGE_FILE`, once for each tag and process. */
const told = new Set<string>();

function tell(tag: string): void {
  if (told.has(tag)) return;
  told.add(tag);
  appendFileSync(process.env.ASSAY_COVERAGE_FILE!, `${tag}\n`);
}

/** A condition was evaluated. @returns its value; it holds if it is true in JavaScript's sense. */
export function decide<T>(id: number, condition: T): T {
  tell(`decide ${id} ${Boolean(condition)}`);
  return condition;
}

/** A value was looked for. @returns the value; it is there unless it is null or undefined. */
export function lookFor<T>(id: number, value: T): T {
  tell(`decide ${id} ${value !== null && value !== undefined}`);
  return value;
}

/** A statement begins. */
export function reach(id: number): void {
  tell(`reach ${id}`);
}
