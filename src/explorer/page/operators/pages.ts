import { useState } from "preact/hooks";
import type { OperatorSummary } from "../../records.ts";
import { useAsked } from "../state/asked.ts";
import { theIndex } from "../state/index.ts";

/** Operators as far as they have been asked for: so many pages, read together, so that one list is of one moment. */
export function useOperatorPages() {
  const [pages, setPages] = useState(1);
  const asked = useAsked(`operators ${pages}`, async (signal) => {
    const items: OperatorSummary[] = [];
    let cursor: string | undefined;
    for (let i = 0; i < pages; i++) {
      const page = await theIndex()!.operators(undefined, cursor, signal);
      items.push(...page.items);
      cursor = page.next;
      if (cursor === undefined) break;
    }
    return { items, isComplete: cursor === undefined };
  });
  return {
    items: asked.value?.items ?? [],
    isComplete: asked.value?.isComplete ?? true,
    isAnswered: asked.isAnswered,
    error: asked.error,
    more: () => setPages((before) => before + 1),
  };
}
