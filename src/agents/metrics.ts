import { formatEther } from "ethers";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { PendingTransaction } from "../chain/outbox/outbox.ts";
import type { AlertName } from "./alerts.ts";
import type { Duties } from "./duties.ts";
import type { Health } from "./health.ts";
import type { Observer } from "./observer.ts";
import type { Head } from "./ports.ts";
import { dutyKinds, type OpenDuty } from "./standing.ts";

/** What a daemon knows of itself after a round. Amounts in wei. */
export interface Snapshot {
  readonly balance: bigint;
  readonly lockedBonds: bigint;
  readonly pending: readonly PendingTransaction[];
  readonly openDuties: readonly OpenDuty[];
  readonly unprotectedBuilds: number;
  /** Undefined where it is not known. */
  readonly holders?: number | undefined;
}

/** Where the numbers come from that are read whenever somebody asks. */
export interface MetricSources {
  readonly health: Health;
  readonly duties: Duties;
  readonly head: () => Head | undefined;
  /** Failed attempts so far, by host of the server. */
  readonly rpcFailures: () => ReadonlyMap<string, number>;
  /** Lines of the log that could not be written so far. */
  readonly lostLogLines: () => number;
  /** Milliseconds, of the machine. */
  readonly clock: () => number;
}

/** The metrics of one daemon. `docs/alerts.md` says what each means. */
export interface Metrics extends Observer {
  readonly registry: Registry;
  /** Takes over what is known after a round. */
  observe(snapshot: Snapshot): void;
  /** Takes over how many alerts there are of each name. */
  observeAlerts(alerts: ReadonlyMap<AlertName, number>): void;
}

/** Seconds from commit to reveal: the minimum is the contract's, the rest is blocks and work. */
const revealBuckets = [15, 30, 60, 120, 300, 600, 1200, 3600];

/** @param daemon name that every metric carries as a label. */
export function createMetrics(daemon: string, sources: MetricSources): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ daemon });
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames: [...labelNames], registers });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames: [...labelNames], registers });
  const read = (name: string, help: string, value: () => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const known = value();
        if (known === undefined) this.remove();
        else this.set(known);
      },
    });
  const count = (name: string, help: string, value: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });

  const { health, duties, head, rpcFailures, lostLogLines, clock } = sources;
  read("assay_head_number", "Number of the newest block", () => head()?.number);
  read("assay_head_age_seconds", "Age of the newest block", () => health.headAgeSeconds);
  count("assay_rounds_total", "Rounds that succeeded", () => health.rounds);
  count("assay_failed_rounds_total", "Rounds that failed", () => health.failedRounds);
  count("assay_missed_deadlines_total", "Deadlines of own claims missed", () => duties.missedDeadlines);
  count("assay_lost_challenges_total", "Own challenges lost", () => duties.lostChallenges);
  count("assay_wrong_finals_total", "Wrong claims that became final", () => duties.wrongFinals);
  read("assay_unchecked_claims", "Claims not checked or not challenged", () => duties.uncheckedClaims);
  count("assay_lost_log_lines_total", "Lines of the log that could not be written", lostLogLines);
  read("process_resident_memory_bytes", "Memory of the process", () => process.memoryUsage.rss());
  new Counter({
    name: "assay_rpc_failures_total",
    help: "Failed attempts to get an answer, by server",
    labelNames: ["host"],
    registers,
    collect() {
      this.reset();
      for (const [host, failures] of rpcFailures()) this.inc({ host }, failures);
    },
  });

  const balance = gauge("assay_balance_ether", "Balance of the account");
  const locked = gauge("assay_locked_bonds_ether", "Bonds in commitments, open claims and live stakes");
  const pending = gauge("assay_pending_transactions", "Transactions sent and not mined");
  const oldest = gauge("assay_oldest_pending_seconds", "How long the oldest of them has been seen pending");
  const open = gauge("assay_open_duties", "Moves that are this account's to make", ["kind"]);
  const left = gauge("assay_duty_seconds_left", "Seconds until the nearest deadline of such a move", ["kind"]);
  const unprotected = gauge("assay_unprotected_builds", "Builds that the money does not protect");
  const holders = gauge("assay_holders", "Fewest other stores that hold what an open own claim needs");
  holders.remove();
  const alerts = gauge("assay_alerts", "Alerts that stand, by name", ["alert"]);
  const builds = counter("assay_builds_total", "Builds run, by result", ["result"]);
  const moves = counter("assay_moves_total", "Moves mined, by kind", ["kind"]);
  const gas = counter("assay_gas_used_total", "Gas used by moves, by kind", ["kind"]);
  const revealDelay = new Histogram({
    name: "assay_reveal_delay_seconds",
    help: "Seconds from commit to reveal of own claims",
    buckets: revealBuckets,
    registers,
  });

  /** When a nonce was first seen pending. */
  const seen = new Map<number, number>();
  const committedAt = new Map<unknown, number>();
  /** After a reorganisation the chain tells things again. */
  const revealed = new Set<unknown>();
  return {
    registry,
    observe(snapshot) {
      balance.set(Number(formatEther(snapshot.balance)));
      locked.set(Number(formatEther(snapshot.lockedBonds)));
      pending.set(snapshot.pending.length);
      const nonces = new Set(snapshot.pending.map(({ nonce }) => nonce));
      for (const nonce of seen.keys()) if (!nonces.has(nonce)) seen.delete(nonce);
      for (const nonce of nonces) if (!seen.has(nonce)) seen.set(nonce, clock());
      oldest.set(seen.size === 0 ? 0 : (clock() - Math.min(...seen.values())) / 1000);
      left.reset();
      for (const kind of dutyKinds) {
        const own = snapshot.openDuties.filter((duty) => duty.kind === kind);
        open.set({ kind }, own.length);
        if (own.length > 0) left.set({ kind }, Math.min(...own.map(({ secondsLeft }) => secondsLeft)));
      }
      unprotected.set(snapshot.unprotectedBuilds);
      if (snapshot.holders === undefined) holders.remove();
      else holders.set(snapshot.holders);
    },
    observeAlerts(standing) {
      for (const [alert, number] of standing) alerts.set({ alert }, number);
    },
    moved(kind, gasUsed) {
      moves.inc({ kind });
      gas.inc({ kind }, Number(gasUsed));
    },
    buildSettled: (result) => builds.inc({ result }),
    happened({ name, args, timestamp }, isOwn) {
      if (name === "ClaimCommitted" && isOwn(String(args.solver))) committedAt.set(args.claimId, timestamp);
      const since = committedAt.get(args.claimId);
      if (since === undefined || (name !== "ClaimRevealed" && name !== "CommitEnded")) return;
      committedAt.delete(args.claimId);
      if (name !== "ClaimRevealed" || revealed.has(args.claimId)) return;
      revealed.add(args.claimId);
      revealDelay.observe(timestamp - since);
    },
  };
}
