/** A record, and where it is from. */
export interface Told<T> {
  readonly value: T;
  readonly isFromChain: boolean;
  /** Why not from the index, where there is one. */
  readonly why?: string | undefined;
}

/** Asks the index; where there is none, or it does not answer, the chain. */
export async function tell<T>(
  ofIndex: (() => Promise<T | undefined>) | undefined,
  ofChain: () => Promise<T | undefined>,
): Promise<Told<T> | undefined> {
  let why: string | undefined;
  try {
    const value = await ofIndex?.();
    if (value !== undefined) return { value, isFromChain: false };
    if (ofIndex !== undefined) why = "the index has nothing of it";
  } catch (error) {
    why = error instanceof Error ? error.message : String(error);
  }
  const value = await ofChain();
  return value === undefined ? undefined : { value, isFromChain: true, why };
}
