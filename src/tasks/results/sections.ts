/** Lines between which a test's command prints a file with results (`command.ts`). */
export const resultsBegin = "assay-results begin";
export const resultsEnd = "assay-results end";

/** A part of what a test has printed. */
export interface Section {
  /** Path of the file, or undefined for the console itself. */
  readonly file: string | undefined;
  readonly lines: readonly string[];
}

/** What a test has printed, without the files; and each file that it has printed whole. The console ends its lines with CR LF. */
export function sectionsOf(log: Uint8Array): { readonly console: Section; readonly files: readonly Section[] } {
  const console: string[] = [];
  const files: Section[] = [];
  let open: { readonly file: string; readonly lines: string[] } | undefined;
  for (const line of new TextDecoder().decode(log).split(/\r?\n/)) {
    if (open !== undefined) {
      if (line !== resultsEnd) {
        open.lines.push(line);
        continue;
      }
      files.push(open);
      open = undefined;
    } else if (line.startsWith(`${resultsBegin} `)) {
      open = { file: line.slice(resultsBegin.length + 1), lines: [] };
    } else {
      console.push(line);
    }
  }
  return { console: { file: undefined, lines: console }, files };
}
