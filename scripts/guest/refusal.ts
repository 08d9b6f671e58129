/** Why `build.ts` ends, for people, with what it exits with: 1 unless another status is named. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: 1 | 2 | 3 | 5 = 1,
  ) {
    super(message);
  }
}

/** Wrong arguments; this host cannot build; other bytes than the pinned ones came out. */
export const refusalStatus = { usage: 2, otherHost: 3, otherBytes: 5 } as const;
