import type { ClaimRecord } from "../chain/records.ts";
import type { Root } from "../core/bytes.ts";
import type { Agent } from "./agent.ts";
import { type Alert, type AlertName, alertKey, alertNames, standingAlerts } from "./alerts.ts";
import { Assessor } from "./assessor.ts";
import type { BuildState, Builds, FinishedBuild } from "./builds.ts";
import { type ClaimForecast, type FinalityVerdict, forecastOf } from "./forecast.ts";
import { locatorsOf } from "./locators.ts";

export interface MonitorOptions {
  /** How near a deadline has to be to be worth an alert. */
  readonly nearSeconds: number;
  /** Claims that became final so long ago are checked too. Seconds. */
  readonly pastSeconds: number;
  /** Takes over how many alerts stand, by name. */
  readonly onAlerts?: (standing: ReadonlyMap<AlertName, number>) => void;
}

/** What one round has found. */
export interface MonitorReport {
  readonly claims: readonly ClaimForecast[];
  readonly alerts: readonly Alert[];
  /** Whether builds are still being run whose claims it will have to say more about. */
  readonly pending: boolean;
}

/**
 * Watches all claims without a key: runs their builds where it may, says what each claim will come to, and raises an alert for what
 * somebody has to look at. It does nothing on the chain.
 */
export class Monitor {
  private readonly assessor: Assessor;
  private readonly states = new Map<Root, BuildState>();
  /** Why a claim could not be compared with a run that there is. */
  private readonly failures = new Map<Root, string>();
  private standing = new Map<string, Alert>();
  report: MonitorReport = { claims: [], alerts: [], pending: true };

  /** @param agent one that sends nothing. */
  constructor(
    private readonly agent: Agent,
    private readonly builds: Builds,
    private readonly options: MonitorOptions,
  ) {
    this.assessor = new Assessor(agent);
  }

  async round(): Promise<void> {
    const { agent } = this;
    const { ledger } = agent;
    await ledger.refresh();
    const watched = [...ledger.history.claims.values()].filter((claim) => this.isWatched(claim));
    await this.check(watched);
    const verdictOf = (claim: ClaimRecord) => this.verdictOf(claim);
    const claims = watched.map((claim) => forecastOf(ledger, claim, verdictOf(claim)));
    const whyUnchecked = (claim: ClaimRecord) => this.whyUnchecked(claim);
    const { nearSeconds } = this.options;
    const alerts = standingAlerts(ledger, agent.parameters, { verdictOf, whyUnchecked }, nearSeconds);
    this.report = { claims, alerts, pending: claims.some(({ verdict }) => verdict === "pending") };
    this.say(alerts);
    this.sayRefuted(claims);
  }

  /** Those that are not settled, and those that became final a short while ago. */
  private isWatched({ claimId, status, fields }: ClaimRecord): boolean {
    if (status === "open" || this.assessor.verdictOf(claimId) !== undefined) return true;
    const finalizedAt = this.agent.ledger.history.builds.get(fields.buildId)?.finalizedAt ?? 0;
    return status === "final" && finalizedAt >= this.agent.ledger.now - this.options.pastSeconds;
  }

  /** Runs what has not been run, and compares. */
  private async check(watched: readonly ClaimRecord[]): Promise<void> {
    const { agent } = this;
    const undecided = watched.filter(
      ({ claimId, status }) => status === "open" || this.assessor.verdictOf(claimId) === undefined,
    );
    const needed = new Set(undecided.map(({ fields }) => fields.buildId));
    this.states.clear();
    for (const buildId of needed) {
      this.states.set(buildId, this.builds.want(buildId, locatorsOf(agent.ledger.history, buildId)));
    }
    for (const claim of undecided) {
      const build = this.builds.ready(claim.fields.buildId);
      if (build !== undefined) await this.assess(claim, build);
    }
    await this.builds.keepOnly(needed);
  }

  /** One that fails holds up no other. */
  private async assess(claim: ClaimRecord, build: FinishedBuild): Promise<void> {
    const { claimId } = claim;
    try {
      await this.assessor.assess(claim, build);
      this.failures.delete(claimId);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.failures.set(claimId, why);
      this.agent.once(`not compared ${claimId} ${why}`, () =>
        this.agent.log.warn(
          { claim: claimId, build: build.buildId, why },
          "cannot compare this claim with the own run",
        ),
      );
    }
  }

  private verdictOf({ claimId, fields }: ClaimRecord): FinalityVerdict {
    const verdict = this.assessor.verdictOf(claimId);
    if (verdict !== undefined) return verdict;
    return this.states.get(fields.buildId)?.kind === "pending" ? "pending" : "not-run";
  }

  private whyUnchecked({ claimId, fields }: ClaimRecord): string | undefined {
    const failure = this.failures.get(claimId);
    if (failure !== undefined) return failure;
    const state = this.states.get(fields.buildId);
    return state?.kind === "failed" && state.code !== "agents/unknown-environment" ? state.why : undefined;
  }

  /** Each alert when it begins to stand, and when it stands no more. */
  private say(alerts: readonly Alert[]): void {
    const { log } = this.agent;
    const standing = new Map(alerts.map((alert) => [alertKey(alert), alert]));
    for (const [key, { why, severe, ...facts }] of standing) {
      if (this.standing.has(key)) continue;
      if (severe) log.error(facts, why);
      else log.warn(facts, why);
    }
    for (const [key, { why: _, severe: _severe, ...facts }] of this.standing) {
      if (!standing.has(key)) log.info({ ...facts, ended: true }, "this alert stands no more");
    }
    this.standing = standing;
    const { duties } = this.agent;
    duties.wrongFinals = alerts.filter(({ alert }) => alert === "wrong-final").length;
    duties.uncheckedClaims = alerts.filter(({ alert }) => alert === "unchecked").length;
    this.options.onAlerts?.(
      new Map(alertNames.map((name) => [name, alerts.filter(({ alert }) => alert === name).length])),
    );
  }

  /** An honest claim can be lost by silence only. */
  private sayRefuted(claims: readonly ClaimForecast[]): void {
    for (const { claim, build, solver, outcome, verdict } of claims) {
      if (outcome !== "refuted" || verdict !== "right") continue;
      this.agent.once(`right and refuted ${claim}`, () =>
        this.agent.log.warn({ claim, build, solver }, "a claim that the own run says is right has been refuted"),
      );
    }
  }
}
