/**
 * Checks of what the index answers. Small, since they are part of the first view: what is left out is not asked for, what is not known is
 * not kept.
 */

/** Gives back what it has checked. @throws Mismatch */
export type Check<T> = (value: unknown, at: string) => T;

/** Where a value is not what it should be. */
export class Mismatch extends Error {
  constructor(at: string, expected: string) {
    super(`${at} is not ${expected}`);
  }
}

/** No text in an answer is longer; what is shown is cut much earlier. */
const mostCharacters = 20_000;
const mostEntries = 20_000;

export const text: Check<string> = (value, at) => {
  if (typeof value !== "string" || value.length > mostCharacters) throw new Mismatch(at, "a text");
  return value;
};

export function matching<T extends string>(pattern: RegExp, words: string): Check<T> {
  return (value, at) => {
    if (typeof value !== "string" || !pattern.test(value)) throw new Mismatch(at, words);
    return value as T;
  };
}

export const number: Check<number> = (value, at) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Mismatch(at, "a number");
  return value;
};

export const boolean: Check<boolean> = (value, at) => {
  if (typeof value !== "boolean") throw new Mismatch(at, "true or false");
  return value;
};

export function oneOf<const T extends string>(...words: readonly T[]): Check<T> {
  return (value, at) => {
    if (!words.includes(value as T)) throw new Mismatch(at, `one of ${words.join(", ")}`);
    return value as T;
  };
}

export function list<T>(each: Check<T>): Check<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length > mostEntries) throw new Mismatch(at, "a list");
    return value.map((one, i) => each(one, `${at}[${i}]`));
  };
}

export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, at) => (value === undefined || value === null ? undefined : check(value, at));
}

export function fields<T extends object>(checks: { readonly [K in keyof T]-?: Check<T[K]> }): Check<T> {
  const entries = Object.entries(checks) as [string, Check<unknown>][];
  return (value, at) => {
    if (typeof value !== "object" || value === null) throw new Mismatch(at, "an object");
    const checked: Record<string, unknown> = {};
    for (const [name, check] of entries) {
      const one = check((value as Record<string, unknown>)[name], `${at}.${name}`);
      if (one !== undefined) checked[name] = one;
    }
    return checked as T;
  };
}

/** An object with whatever is in it. */
export const anything: Check<Readonly<Record<string, unknown>>> = (value, at) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Mismatch(at, "an object");
  return value as Readonly<Record<string, unknown>>;
};
