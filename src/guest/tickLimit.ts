/** Ticks of a build when nothing else is said: some 70 G instructions. */
export const defaultTickLimit = 2n ** 16n;
