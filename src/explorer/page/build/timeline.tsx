import type { BuildDetail } from "../../records.ts";
import { dateText, duration, shortHash } from "../format.ts";
import { Section } from "../parts/facts.tsx";
import { chainNow } from "../state/clock.ts";

const width = 1000;
const rowHeight = 34;
const top = 26;
const left = 8;

/** The claims on a line of time: when each was made, until when it can be challenged, how it ended, and the disputes about it. */
export function Timeline({ build }: { readonly build: BuildDetail }) {
  const { claimList, disputeList, chain, since, finalizedAt, state } = build;
  if (claimList.length === 0) return null;
  const isOver = state === "final" && claimList.every(({ status }) => status !== "open");
  const now = chainNow(chain);
  const ends = [...claimList.map(({ windowEnd }) => windowEnd), ...disputeList.map(({ changed }) => changed)];
  const last = Math.max(finalizedAt ?? 0, ...ends, isOver ? 0 : now);
  const first = Math.min(since, ...claimList.map(({ revealedAt }) => revealedAt));
  const span = Math.max(1, last - first);
  const x = (at: number) => left + ((Math.min(Math.max(at, first), last) - first) / span) * (width - 2 * left);
  const height = top + claimList.length * rowHeight + 24;
  const description = `${claimList.length} claims over ${duration(span)}`;
  return (
    <Section title="Time line" id="timeline" aside={<span class="quiet">{duration(span)} in all</span>}>
      <div class="timeline-scroll" tabIndex={0} role="region" aria-label="Claims on a line of time">
        <svg class="timeline" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={description}>
          {claimList.map((claim, i) => {
            const { claimId, revealedAt, windowEnd, status } = claim;
            const y = top + i * rowHeight;
            const own = disputeList.filter((dispute) => dispute.claimId === claimId);
            const end = status === "refuted" ? Math.max(revealedAt, ...own.map(({ changed }) => changed)) : windowEnd;
            return (
              <g key={claimId} class={`timeline-${status}`}>
                <title>
                  {`claim ${shortHash(claimId)}: made ${dateText(revealedAt)}, window until ${dateText(windowEnd)}, ${status}`}
                </title>
                <rect
                  class="timeline-window"
                  x={x(revealedAt)}
                  y={y}
                  width={bar(x(windowEnd) - x(revealedAt))}
                  height={14}
                  rx={3}
                />
                <rect
                  class="timeline-life"
                  x={x(revealedAt)}
                  y={y}
                  width={bar(x(end) - x(revealedAt))}
                  height={14}
                  rx={3}
                />
                {own.map((dispute) => (
                  <rect
                    key={dispute.challengeId}
                    class="timeline-dispute"
                    x={x(dispute.openedAt)}
                    y={y + 16}
                    width={bar(x(dispute.status === "open" ? now : dispute.changed) - x(dispute.openedAt))}
                    height={5}
                    rx={2}
                  />
                ))}
                <text class="timeline-label" x={Math.min(x(revealedAt) + 6, width - 150)} y={y - 4}>
                  {shortHash(claimId, 4)} {status}
                </text>
              </g>
            );
          })}
          {finalizedAt !== undefined && <Mark x={x(finalizedAt)} height={height} text="final" kind="final" />}
          {!isOver && <Mark x={x(now)} height={height} text="now" kind="now" />}
        </svg>
      </div>
      <p class="legend quiet">
        <span class="key key-window" /> can be challenged <span class="key key-life" /> lives{" "}
        <span class="key key-dispute" /> disputed
      </p>
    </Section>
  );
}

/** Something too short to be seen is drawn as something short. */
function bar(length: number): number {
  return Math.max(3, length);
}

interface MarkProps {
  readonly x: number;
  readonly height: number;
  readonly text: string;
  readonly kind: "final" | "now";
}

function Mark({ x, height, text, kind }: MarkProps) {
  return (
    <g class={`timeline-mark timeline-mark-${kind}`}>
      <line x1={x} x2={x} y1={0} y2={height - 16} />
      <text x={x} y={height - 4} text-anchor={x > width - 60 ? "end" : x < 40 ? "start" : "middle"}>
        {text}
      </text>
    </g>
  );
}
