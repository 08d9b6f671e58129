import { useEffect, useState } from "preact/hooks";

export interface Replay {
  /** How many moves are shown as made. */
  readonly made: number;
  readonly isPlaying: boolean;
  /** Whether what is shown is how it stands now. */
  readonly isLive: boolean;
  goTo(made: number): void;
  toggle(): void;
}

const stepMilliseconds = 700;

/** Where a viewer is in the moves of a dispute: at its end, which goes on by itself, or back in it. */
export function useReplay(moves: number): Replay {
  const [position, setPosition] = useState<number | "end">("end");
  const [isPlaying, setPlaying] = useState(false);
  const made = position === "end" ? moves : Math.min(position, moves);
  useEffect(() => {
    if (!isPlaying) return;
    if (made >= moves) {
      setPlaying(false);
      setPosition("end");
      return;
    }
    const timer = setTimeout(() => setPosition(made + 1), stepMilliseconds);
    return () => clearTimeout(timer);
  }, [isPlaying, made, moves]);
  return {
    made,
    isPlaying,
    isLive: position === "end" || made === moves,
    goTo(next) {
      setPlaying(false);
      setPosition(next >= moves ? "end" : Math.max(0, next));
    },
    toggle() {
      if (!isPlaying && made >= moves) setPosition(0);
      setPlaying(!isPlaying);
    },
  };
}

interface ControlsProps {
  readonly replay: Replay;
  readonly moves: number;
  /** The move that is shown, in words. */
  readonly words: string;
}

/** Buttons and a slider; on the slider the arrow keys go move by move, and the space bar plays. */
export function ReplayControls({ replay, moves, words }: ControlsProps) {
  const { made, isPlaying, goTo, toggle } = replay;
  return (
    <div class="replay" role="group" aria-label="Replay">
      <button type="button" onClick={() => goTo(0)} disabled={made === 0} aria-label="To the beginning">
        |◀
      </button>
      <button type="button" onClick={() => goTo(made - 1)} disabled={made === 0} aria-label="One move back">
        ◀
      </button>
      <button type="button" onClick={toggle} disabled={moves === 0}>
        {isPlaying ? "stop" : "play"}
      </button>
      <button type="button" onClick={() => goTo(made + 1)} disabled={made >= moves} aria-label="One move on">
        ▶
      </button>
      <input
        type="range"
        min={0}
        max={moves}
        step={1}
        value={made}
        aria-label="Move"
        aria-valuetext={`${made} of ${moves}: ${words}`}
        onInput={({ currentTarget }) => goTo(Number(currentTarget.value))}
        onKeyDown={(event) => {
          if (event.key !== " ") return;
          event.preventDefault();
          toggle();
        }}
      />
      <span class="replay-count">
        {made} / {moves}
      </span>
    </div>
  );
}
