import type { BlockId, KnownBlock } from "./blocks.ts";
import type { HealthEvent } from "./ledgerEvents.ts";

/** What has been seen of a chain's newest block. Times in seconds. */
export interface HeadSight {
  readonly head: KnownBlock;
  /** Whether the head is older than one that has been seen before. */
  readonly isBehind: boolean;
  /** This host's clock, which may be wrong. */
  readonly wall: number;
  /** A clock that only goes forward, at the right speed. */
  readonly monotonic: number;
  readonly host: string;
}

/**
 * Watches what a connection shows of the chain's head, and says of each trouble once that it has begun and once that it is over.
 * Nothing is decided by this host's clock: that it differs from the chain's is only said.
 */
export class HeadHealth {
  private head: BlockId | undefined;
  private advancedAt = 0;
  private hasAdvanced = false;
  private timesBehind = 0;
  private readonly troubles = new Set<HealthEvent["kind"]>();

  /** @param headAgeSeconds a head older than this is worth a warning; 0: none is, nor a clock. */
  constructor(
    private readonly headAgeSeconds: number,
    private readonly onEvent: (event: HealthEvent) => void,
  ) {}

  observe({ head, isBehind, wall, monotonic, host }: HeadSight): void {
    this.otherChain(false, "", host);
    // Servers behind one address differ by a block or so: the second time in a row it is more than that.
    this.timesBehind = isBehind ? this.timesBehind + 1 : 0;
    const before = this.head?.number ?? head.number;
    const isBack = this.timesBehind > 1 || (this.timesBehind === 1 && this.troubles.has("head went back"));
    this.say(isBack, { kind: "head went back", block: head.number, before, host });
    if (this.head === undefined) this.advancedAt = monotonic;
    if (!isBehind && head.hash !== this.head?.hash) {
      this.hasAdvanced = this.head !== undefined;
      this.head = head;
      this.advancedAt = monotonic;
    }
    if (this.headAgeSeconds === 0) return;
    const unchanged = monotonic - this.advancedAt;
    const apart = Math.round(wall - head.timestamp);
    // Before the head has moved once, only the clock can say that it is old; afterwards its own moving says that it is not.
    const isOld = unchanged > this.headAgeSeconds || (!this.hasAdvanced && apart > this.headAgeSeconds);
    const seconds = Math.max(Math.round(unchanged), this.hasAdvanced ? 0 : apart);
    this.say(isOld, { kind: "head old", block: head.number, seconds, host });
    if (isOld || isBehind) return;
    this.say(Math.abs(apart) > this.headAgeSeconds, { kind: "clock differs", seconds: apart, host });
  }

  /** The server is of another chain than the one that is followed. */
  foundOtherChain(why: string, host: string): void {
    this.otherChain(true, why, host);
  }

  private otherChain(isSo: boolean, why: string, host: string): void {
    this.say(isSo, { kind: "other chain", why, host });
  }

  private say(isSo: boolean, event: Unhealed): void {
    if (isSo === this.troubles.has(event.kind)) return;
    if (isSo) this.troubles.add(event.kind);
    else this.troubles.delete(event.kind);
    this.onEvent({ ...event, healed: !isSo });
  }
}

type Without<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never;
type Unhealed = Without<HealthEvent, "healed">;
