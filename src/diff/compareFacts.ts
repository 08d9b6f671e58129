import { excerpt } from "./compareBytes.ts";
import type { DiffRun } from "./diffRun.ts";

/** What is said of something, by the name of the fact. */
export type Facts = ReadonlyMap<string, string>;

/** Names the facts that are others, or only there once. @param part of the file that they are about. */
export function compareFacts(run: DiffRun, path: string, first: Facts, second: Facts, part = ""): void {
  for (const name of new Set([...first.keys(), ...second.keys()])) {
    const [ours, theirs] = [first.get(name), second.get(name)];
    if (ours === theirs) continue;
    const what = part === "" ? name : `${part}: ${name}`;
    const shown = (text: string | undefined) => (text === undefined ? undefined : excerpt(text));
    run.add({ path, kind: "metadata", what, first: shown(ours), second: shown(theirs) });
  }
}
