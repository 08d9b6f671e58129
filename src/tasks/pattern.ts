/**
 * Whether a name fits a pattern: `*` stands for any characters but `/`, `**` for any characters, everything else for itself. Patterns
 * come from strangers: the time is bounded by the product of both lengths, as no regular expression's is.
 */
export function fits(pattern: string, name: string): boolean {
  // reached[i]: the part of the pattern that has been read can stand for the first i characters of the name.
  let reached: boolean[] = [true, ...Array<boolean>(name.length).fill(false)];
  for (let at = 0; at < pattern.length; at++) {
    const next = Array<boolean>(name.length + 1).fill(false);
    if (pattern[at] !== "*") {
      for (let i = 0; i < name.length; i++) next[i + 1] = reached[i]! && name[i] === pattern[at];
    } else {
      const crosses = pattern[at + 1] === "*";
      if (crosses) at++;
      for (let i = 0; i <= name.length; i++)
        next[i] = reached[i]! || (i > 0 && next[i - 1]! && (crosses || name[i - 1] !== "/"));
    }
    reached = next;
  }
  return reached[name.length]!;
}
