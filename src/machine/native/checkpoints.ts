/**
 * How far apart the checkpoints of a run are: 2^c ticks, c a multiple of the arity's logarithm, so that checkpoints are
 * nodes of the bisection. Either c is given, or it grows until the time between two is about what is wanted.
 */
export interface CheckpointOptions {
  /** Logarithm of the number of children of a bisection's node. */
  readonly log2Arity: number;
  /** Wanted time between two checkpoints. With a fixed distance, 0 asks for no stops besides them. */
  readonly seconds: number;
  /** Fixes the distance instead. */
  readonly log2Ticks?: number;
  /** How far an earlier process that began the run had come with finding the distance. */
  readonly settledLog2Ticks?: number;
}

/** Ticks of the first stretch, doubled until a stretch tells how long ticks take. */
const firstStretch = 1;
const tellingSeconds = 0.2;
/**
 * The distance that is nearest on the logarithmic scale, but rather longer than shorter: with an arity of 16 it is from 1/2
 * to 8 times what is wanted, since hashing is paid for each checkpoint.
 */
const towardsLonger = 0.25;

export class CheckpointPace {
  private readonly options: CheckpointOptions;
  private log2: number;
  private stretch = firstStretch;
  private secondsPerTick: number | undefined;

  constructor(options: CheckpointOptions) {
    this.options = options;
    this.log2 = options.log2Ticks ?? options.settledLog2Ticks ?? 0;
  }

  /** Checkpoints are at multiples of 2 to this power. Never shrinks. */
  get log2Ticks(): number {
    return this.log2;
  }

  /** The tick at which to stop next. */
  next(tick: number): number {
    if (this.isUnknown) return tick + this.stretch;
    const checkpoint = (Math.floor(tick / 2 ** this.log2) + 1) * 2 ** this.log2;
    if (this.secondsPerTick === undefined || this.options.seconds === 0) return checkpoint;
    // Stops between checkpoints that are far apart bound what is run again after an interruption.
    const stretch = Math.max(1, Math.ceil(this.options.seconds / this.secondsPerTick));
    return checkpoint - tick <= 2 * stretch ? checkpoint : tick + stretch;
  }

  /** Notes that so many ticks took so long, hashing not included. */
  passed(ticks: number, seconds: number): void {
    if (this.secondsPerTick === undefined && seconds < tellingSeconds) {
      this.stretch *= 2;
      return;
    }
    this.secondsPerTick = seconds / ticks;
    if (this.options.log2Ticks !== undefined || this.secondsPerTick <= 0) return;
    const { log2Arity } = this.options;
    const wanted = Math.log2(this.options.seconds / this.secondsPerTick) / log2Arity;
    this.log2 = Math.max(this.log2, Math.round(wanted + towardsLonger) * log2Arity);
  }

  /** True when a root at this tick is a checkpoint, or may become one. */
  isCheckpoint(tick: number): boolean {
    if (tick % 2 ** this.log2 !== 0) return false;
    // While the pace is unknown, only the powers that the distance can still become are worth hashing.
    return !this.isUnknown || Number.isInteger(Math.log2(tick) / this.options.log2Arity);
  }

  private get isUnknown(): boolean {
    const { log2Ticks, settledLog2Ticks } = this.options;
    return this.secondsPerTick === undefined && log2Ticks === undefined && settledLog2Ticks === undefined;
  }
}

/** The shape of a claim for a run of so many ticks: the smallest range that holds it, and a distance that fits into it. */
export function claimShape(
  ticks: number,
  log2Checkpoint: number,
  log2Arity: number,
): { readonly log2Ticks: number; readonly log2CheckpointTicks: number } {
  const log2Ticks = Math.ceil(Math.log2(Math.max(1, ticks)));
  const fitting = Math.floor(log2Ticks / log2Arity) * log2Arity;
  return { log2Ticks, log2CheckpointTicks: Math.min(log2Checkpoint, fitting) };
}
