/** A text as YAML has it. */
export function scalar(text: string): string {
  return /^[A-Za-z0-9_./][A-Za-z0-9_./=@+ -]*$/.test(text) && !/\s$|^[\d.+-]+$|^(true|false|null|yes|no)$/i.test(text)
    ? text
    : quoted(text);
}

/** As a YAML string in double quotes, which JSON's strings are. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
