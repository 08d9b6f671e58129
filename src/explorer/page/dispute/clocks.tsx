import type { DisputeDetail } from "../../records.ts";
import { duration } from "../format.ts";
import { chainNow } from "../state/clock.ts";

interface ClocksProps {
  readonly dispute: DisputeDetail;
  readonly made: number;
  readonly isLive: boolean;
}

/** The time that each side has left: as it was after a move, and running for the side whose turn it is now. */
export function Clocks({ dispute, made, isLive }: ClocksProps) {
  const { moveList, turn, chain, status } = dispute;
  const told = moveList.slice(0, made).findLast(({ solverLeft }) => solverLeft !== undefined);
  const most = moveList[0];
  const running = isLive && status === "open" ? turn : undefined;
  const left = running && running.deadline - chainNow(chain);
  return (
    <div class="clocks">
      {(["solver", "challenger"] as const).map((side) => {
        const kept = side === "solver" ? told?.solverLeft : told?.challengerLeft;
        const full = (side === "solver" ? most?.solverLeft : most?.challengerLeft) ?? 0;
        const isTurn = running?.side === side;
        const seconds = isTurn ? left! : (kept ?? full);
        const share = full === 0 ? 0 : Math.max(0, Math.min(1, seconds / full));
        return (
          <div class={`side side-${side}${isTurn ? " side-turn" : ""}`} key={side}>
            <span class="side-name">{side}</span>
            <span class="clock" role="timer" aria-live="off">
              {seconds >= 0 ? duration(seconds) : `over for ${duration(-seconds)}`}
            </span>
            <svg class="clock-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
              <rect class="clock-whole" width="100" height="4" />
              <rect class="clock-left" width={100 * share} height="4" />
            </svg>
            <span class="quiet">{isTurn ? "its turn" : "left of its time"}</span>
          </div>
        );
      })}
    </div>
  );
}
