import { useEffect, useMemo, useState } from "preact/hooks";
import type { DisputeDetail } from "../../records.ts";
import { type Bar, barsOf, rangeWords } from "./bars.ts";

const barHeight = 20;
const side = 12;

interface PictureProps {
  readonly dispute: DisputeDetail;
  /** How many moves have been made in what is shown. */
  readonly made: number;
}

/**
 * The run as a bar that narrows from round to round: the solver cuts it, the challenger selects the part that it does not accept. It is
 * drawn once; in a replay only what is seen of it changes.
 */
export function Picture({ dispute, made }: PictureProps) {
  const width = useWidth();
  const bars = useMemo(() => barsOf(dispute), [dispute]);
  // Many rounds stand closer together.
  const gap = bars.length > 24 ? 14 : bars.length > 12 ? 22 : 34;
  const pitch = barHeight + gap;
  const height = bars.length * pitch - gap + 40;
  const shown = bars.filter(({ since }) => since < made);
  const current = shown.at(-1) ?? bars[0]!;
  const isDecided = dispute.won && made >= dispute.moveList.length;
  return (
    <svg
      class="bisection"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`The bisection after ${made} moves: ${rangeWords(current.range)}`}
    >
      {bars.map((bar, i) => (
        <BarShown
          key={`${bar.since} ${bar.range.level} ${bar.range.from}`}
          bar={bar}
          y={i * pitch + 20}
          pitch={pitch}
          width={width}
          made={made}
          isCurrent={bar === current}
          isDecided={isDecided && i === bars.length - 1}
        />
      ))}
    </svg>
  );
}

interface BarProps {
  readonly bar: Bar;
  readonly y: number;
  readonly pitch: number;
  readonly width: number;
  readonly made: number;
  readonly isCurrent: boolean;
  readonly isDecided: boolean;
}

function BarShown({ bar, y, pitch, width, made, isCurrent, isDecided }: BarProps) {
  const { range, since, cut, chosen } = bar;
  const inner = width - 2 * side;
  const x = (share: number) => side + share * inner;
  const isSeen = since < made;
  const isChosen = chosen !== undefined && chosen.since < made;
  const lengthSeen = chosen && Math.max(4, x(chosen.to) - x(chosen.from));
  const start = chosen && Math.min(x(chosen.from), side + inner - lengthSeen!);
  const classes = ["bar", isSeen && "bar-seen", isCurrent && "bar-current", isDecided && "bar-decided"];
  return (
    <g class={classes.filter(Boolean).join(" ")}>
      <text class="bar-label" x={side} y={y - 5}>
        {rangeWords(range)}
      </text>
      <rect class="bar-body" x={side} y={y} width={inner} height={barHeight} rx={3} />
      {cut !== undefined && cut.parts > 1 && (
        <path class={`bar-cuts${cut.since < made ? " bar-cuts-seen" : ""}`} d={cutsOf(cut.parts, x, y)} />
      )}
      {chosen !== undefined && (
        <g class={`bar-chosen${isChosen ? " bar-chosen-seen" : ""}`}>
          <rect x={start} y={y} width={lengthSeen} height={barHeight} rx={2} />
          <path
            class="bar-fan"
            d={`M${start} ${y + barHeight}H${start! + lengthSeen!}L${side + inner} ${y + pitch}H${side}Z`}
          />
        </g>
      )}
    </g>
  );
}

/** The width of the drawing in its own units: on a phone fewer, so that its text can be read. */
function useWidth(): number {
  const [width, setWidth] = useState(widthNow);
  useEffect(() => {
    const look = () => setWidth(widthNow());
    addEventListener("resize", look);
    return () => removeEventListener("resize", look);
  }, []);
  return width;
}

function widthNow(): number {
  return innerWidth < 720 ? 380 : 1000;
}

/** At most as many lines as can be told apart. */
function cutsOf(parts: number, x: (share: number) => number, y: number): string {
  const drawn = Math.min(parts, 64);
  return Array.from({ length: drawn - 1 }, (_, i) => `M${x((i + 1) / drawn).toFixed(1)} ${y}v${barHeight}`).join("");
}
