/** Quoting for the POSIX shell: inside single quotes every character stands for itself, a single quote ends them. */

/** The text as one word of the shell, for every text without zero bytes. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Reads a word that `quote` made from the beginning of `word`; undefined when there is none. */
export function unquote(word: string): { readonly text: string; readonly rest: string } | undefined {
  const match = /^'[^']*'(?:\\''[^']*')*/.exec(word);
  if (match === null) return undefined;
  const quoted = match[0];
  return { text: quoted.slice(1, -1).replaceAll("'\\''", "'"), rest: word.slice(quoted.length) };
}
