/**
 * What steers a terminal or hides text: control characters (C0, C1), those that turn the direction of writing, others that are
 * not seen, separators of lines, halves of characters. The two joiners stay: words and emoji are written with them.
 */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/gu;

/** A text from outside as it may be shown or logged: in one line, `\u001b` in the place of an escape character. */
export function printable(text: string, most = 500): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(unprintable, escapeOf);
}

/** Like `printable`, of any length, with line ends and tabs as they are. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (character) => (/[\n\t]/.test(character) ? character : escapeOf(character)));
}

/** JSON, with or without line ends between its parts, that means the same and can be shown. */
export function printableJson(json: string): string {
  return json.replace(unprintable, (character) => (/[\n\t\r]/.test(character) ? character : escapeOf(character)));
}

/** As JSON escapes it: one or two units of UTF-16. */
function escapeOf(character: string): string {
  return Array.from({ length: character.length }, (_, i) => {
    return `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }).join("");
}
