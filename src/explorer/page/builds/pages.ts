import { useEffect, useRef, useState } from "preact/hooks";
import type { BuildFilter, BuildSummary } from "../../records.ts";
import { pulse, theIndex } from "../state/index.ts";

/** A list of builds as far as it has been read. */
export interface BuildPages {
  readonly items: readonly BuildSummary[];
  readonly isComplete: boolean;
  readonly isAnswered: boolean;
  readonly error: string | undefined;
  /** Reads the next page, unless it is being read. */
  more(): void;
}

interface State {
  readonly key: string;
  readonly items: readonly BuildSummary[];
  readonly next: string | undefined;
  readonly isComplete: boolean;
  readonly error: string | undefined;
  readonly isAnswered: boolean;
}

/** The newest builds that fit a filter; the first page is read again whenever something may be new. */
export function useBuildPages(filter: BuildFilter): BuildPages {
  const key = JSON.stringify(filter);
  const fresh: State = { key, items: [], next: undefined, isComplete: false, error: undefined, isAnswered: false };
  const [state, setState] = useState<State>(fresh);
  const isAsking = useRef(false);
  const latest = useRef(state);
  latest.current = state.key === key ? state : fresh;
  const keyNow = useRef(key);
  keyNow.current = key;

  const ask = async (cursor: string | undefined, take: (before: State, page: ReadPage) => Partial<State>) => {
    const index = theIndex();
    if (index === undefined || isAsking.current) return;
    isAsking.current = true;
    try {
      const page = await index.builds(filter, cursor);
      // An answer about another filter has come too late.
      if (keyNow.current !== key) return;
      setState((before) => {
        const known = before.key === key ? before : fresh;
        return { ...known, ...take(known, page), error: undefined, isAnswered: true };
      });
    } catch (error) {
      if (keyNow.current !== key) return;
      const why = error instanceof Error ? error.message : String(error);
      setState((before) => ({ ...(before.key === key ? before : fresh), error: why }));
    } finally {
      if (keyNow.current === key) isAsking.current = false;
    }
  };

  const beat = pulse.value;
  useEffect(() => {
    isAsking.current = false;
    void ask(undefined, (before, { items, next }) => joined(before, items, next));
  }, [key, beat]);

  const shown = state.key === key ? state : fresh;
  return {
    ...shown,
    more() {
      const { next, isComplete, isAnswered } = latest.current;
      if (isComplete || !isAnswered) return;
      void ask(next, (before, page) => ({
        items: appended(before.items, page.items),
        next: page.next,
        isComplete: page.next === undefined,
      }));
    },
  };
}

interface ReadPage {
  readonly items: readonly BuildSummary[];
  readonly next?: string | undefined;
}

/** A first page read again, before what was read of the list beyond it. */
function joined(before: State, items: readonly BuildSummary[], next: string | undefined): Partial<State> {
  const last = items.at(-1);
  const beyond = last === undefined ? -1 : before.items.findIndex(({ buildId }) => buildId === last.buildId);
  // Where the two do not meet, the list begins anew.
  if (beyond === -1 || beyond === before.items.length - 1 || before.items.length <= items.length)
    return { items, next, isComplete: next === undefined };
  return { items: unique([...items, ...before.items.slice(beyond + 1)]) };
}

function unique(items: readonly BuildSummary[]): readonly BuildSummary[] {
  return [...new Map(items.map((item) => [nameOf(item), item])).values()];
}

/** A page behind those that were read, without what they have already. Of a hundred thousand builds nothing new is made. */
function appended(before: readonly BuildSummary[], page: readonly BuildSummary[]): readonly BuildSummary[] {
  const ids = new Set(page.map(({ buildId }) => buildId));
  const known = new Set(before.filter(({ buildId }) => ids.has(buildId)).map(nameOf));
  return [...before, ...page.filter((item) => !known.has(nameOf(item)))];
}

function nameOf({ chain, buildId }: BuildSummary): string {
  return `${chain} ${buildId}`;
}
