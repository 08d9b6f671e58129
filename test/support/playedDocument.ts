import { readFileSync } from "node:fs";

/**
 * What a document asks somebody to do, at a marker `<!-- who -->`, `<!-- who and who -->` or `<!-- who: what -->`, with the fenced
 * block below it.
 */
export interface DocumentStep {
  readonly line: number;
  readonly who: string;
  /** `status 3`, `file name`, `start name`, `log name`, `end name`; empty: commands that succeed. */
  readonly what: string;
  readonly body: string;
}

export interface PlayedDocument {
  readonly steps: readonly DocumentStep[];
  /** Lines at which a fenced block begins that has no marker. */
  readonly unmarked: readonly number[];
}

/** Reads the steps of a document in their order. */
export function readPlayedDocument(file: string): PlayedDocument {
  const lines = readFileSync(file, "utf8").split("\n");
  const steps: DocumentStep[] = [];
  const unmarked: number[] = [];
  let at = 0;
  const block = (): string => {
    const begin = ++at;
    while (at < lines.length && lines[at] !== "```") at++;
    return lines.slice(begin, at).join("\n");
  };
  for (; at < lines.length; at++) {
    const line = at + 1;
    const marker = /^<!-- (\w+(?: and \w+)*)(?:: ([\w./ ]+))? -->$/.exec(lines[at]!);
    if (marker !== null) {
      const { 1: who, 2: what = "" } = marker;
      const hasBlock = lines[at + 1]?.startsWith("```") ?? false;
      if (hasBlock) at++;
      const body = hasBlock ? block() : "";
      steps.push(...who!.split(" and ").map((who) => ({ line, who, what, body })));
    } else if (lines[at]!.startsWith("```")) {
      unmarked.push(line);
      block();
    }
  }
  return { steps, unmarked };
}
