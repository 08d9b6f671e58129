import type { ChainKey } from "../../records.ts";
import { dateText, duration, relative } from "../format.ts";
import { chainNow } from "../state/clock.ts";

interface TimeProps {
  readonly chain: ChainKey;
  /** Seconds of the chain. */
  readonly at: number;
}

/** How long ago something was, with its date for who points at it. */
export function Ago({ chain, at }: TimeProps) {
  const text = dateText(at);
  return (
    <time dateTime={text.replace(" ", "T")} title={`${text} (chain time)`}>
      {relative(at, chainNow(chain))}
    </time>
  );
}

/** A clock that runs towards `at`. What it says changes each second: it is not read out by itself. */
export function Remaining({ chain, at }: TimeProps) {
  const left = at - chainNow(chain);
  return (
    <span class="clock" role="timer" aria-live="off" title={`until ${dateText(at)} (chain time)`}>
      {left >= 0 ? `${duration(left)} left` : `over for ${duration(-left)}`}
    </span>
  );
}
