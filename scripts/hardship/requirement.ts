/** @throws when what must hold does not */
export function require(what: string, holds: boolean): void {
  if (!holds) throw new Error(`it does not hold: ${what}`);
}
