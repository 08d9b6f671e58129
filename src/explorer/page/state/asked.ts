import { useEffect, useRef, useState } from "preact/hooks";
import { pulse } from "./index.ts";

/** What has been asked for, as it stands. */
export interface Asked<T> {
  /** The last answer; stays while it is asked for again. */
  readonly value: T | undefined;
  /** Whether there has been an answer, if only that there is nothing. */
  readonly isAnswered: boolean;
  /** Why the latest question has no answer. */
  readonly error: string | undefined;
  readonly isAsking: boolean;
}

type State<T> = Asked<T> & { readonly key: string };

/**
 * Asks when a view is shown, when `key` changes, and whenever something may be new; one question at a time.
 * @param ask its answer is dropped once the signal is aborted.
 */
export function useAsked<T>(key: string, ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const fresh: State<T> = { key, value: undefined, isAnswered: false, error: undefined, isAsking: true };
  const [state, setState] = useState<State<T>>(fresh);
  const latest = useRef(ask);
  latest.current = ask;
  const askAgain = useRef(() => {});
  useEffect(() => {
    const { signal, abort } = abortable();
    const set = (change: Partial<State<T>>) => {
      if (!signal.aborted) setState((before) => ({ ...(before.key === key ? before : fresh), ...change }));
    };
    let isAsking = false;
    let isWanted = false;
    const run = async () => {
      isAsking = true;
      do {
        isWanted = false;
        set({ isAsking: true });
        try {
          set({ value: await latest.current(signal), isAnswered: true, error: undefined, isAsking: false });
        } catch (error) {
          set({ error: error instanceof Error ? error.message : String(error), isAsking: false });
        }
      } while (isWanted && !signal.aborted);
      isAsking = false;
    };
    askAgain.current = () => {
      isWanted = true;
      if (!isAsking) void run();
    };
    void run();
    return abort;
  }, [key]);
  const beat = pulse.value;
  const first = useRef(beat);
  useEffect(() => {
    if (beat !== first.current) askAgain.current();
  }, [beat]);
  return state.key === key ? state : fresh;
}

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
