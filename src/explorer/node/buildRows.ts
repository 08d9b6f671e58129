import type { Root } from "../../core/bytes.ts";
import { actsOf, dutyOf } from "../operators.ts";
import type { BuildDetail, ClaimDetail, DisputeDetail } from "../records.ts";
import type { ExplorerView } from "../view.ts";
import type { Statements } from "./indexTables.ts";
import type { IndexedSource } from "./indexWriter.ts";

/** Locators that are read of one build: anybody can ask for a build again and again. */
const mostPublications = 20;

/** The rows of one contract's builds. */
export class BuildRows {
  /** Builds that have come and gone since it was asked. */
  private count = 0;

  constructor(
    private readonly statements: Statements,
    private readonly of: IndexedSource,
  ) {}

  takeCount(): number {
    const { count } = this;
    this.count = 0;
    return count;
  }

  numberOf(buildId: Root): number | undefined {
    const row = this.statements.get(
      "SELECT n FROM explorer_build WHERE source = ? AND id = ?",
      this.of.source,
      buildId,
    );
    return row && Number(row.n);
  }

  idOf(build: number): Root {
    return String(this.statements.get("SELECT id FROM explorer_build WHERE n = ?", build)!.id) as Root;
  }

  buildOfClaim(claimId: Root): Root | undefined {
    return this.buildOf("explorer_claim", claimId);
  }

  buildOfDispute(challengeId: Root): Root | undefined {
    return this.buildOf("explorer_dispute", challengeId);
  }

  add(buildId: Root): number {
    this.count++;
    const text =
      "INSERT INTO explorer_build (source, id, state, since, summary, rest) VALUES (?, ?, '', 0, '', '') RETURNING n";
    return Number(this.statements.get(text, this.of.source, buildId)!.n);
  }

  remove(build: number): void {
    this.count--;
    const addresses = this.clear(build);
    for (const table of ["explorer_word", "explorer_job"]) {
      this.statements.run(`DELETE FROM ${table} WHERE build = ?`, build);
    }
    this.statements.run("DELETE FROM explorer_text WHERE rowid = ?", build);
    this.statements.run("DELETE FROM explorer_build WHERE n = ?", build);
    this.see(addresses);
  }

  /** @param view of the build's own history. */
  write(build: number, buildId: Root, view: ExplorerView): void {
    const { statements } = this;
    const before = this.clear(build);
    const detail = view.buildDetail(buildId)!;
    const { claimList, disputeList, events, about, ...parts } = detail;
    const { requests, joinDeadline, finalClaim, rewardPaid, ...summary } = parts;
    const rest = { requests, joinDeadline, finalClaim, rewardPaid };
    statements.run(
      "UPDATE explorer_build SET state = ?, since = ?, summary = ?, rest = ? WHERE n = ?",
      ...[detail.state, detail.since, JSON.stringify(summary), JSON.stringify(rest), build],
    );
    const claims = claimList.map(({ claimId }) => view.claimDetail(claimId)!);
    const disputes = disputeList.map(({ challengeId }) => view.disputeDetail(challengeId)!);
    for (const claim of claims) this.addClaim(build, claim, view.isUnwatched(claim.claimId));
    for (const dispute of disputes) this.addDispute(build, dispute);
    const addresses = new Set(before);
    for (const { address, timestamp, seconds } of actsOf(claims, disputes)) {
      const values = [this.of.source, address, build, timestamp, seconds ?? null];
      statements.run("INSERT INTO explorer_act VALUES (?, ?, ?, ?, ?)", ...values);
      statements.run("INSERT OR IGNORE INTO explorer_part VALUES (?, ?, ?, ?)", address, detail.since, buildId, build);
      addresses.add(address);
    }
    this.addNames(build, detail);
    this.addJobs(build, detail);
    this.see(addresses);
  }

  private addClaim(build: number, { disputes, ...document }: ClaimDetail, isUnwatched: boolean): void {
    const { claimId, solver, status, windowEnd } = document;
    this.statements.run(
      "INSERT INTO explorer_claim VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      ...[this.of.source, claimId, build, solver, status, isUnwatched ? 1 : 0, windowEnd, JSON.stringify(document)],
    );
  }

  private addDispute(build: number, dispute: DisputeDetail): void {
    const { claim, ...document } = dispute;
    const { challengeId, claimId, challenger, status, won, openedAt } = dispute;
    const place = [this.of.source, challengeId, build, claimId, challenger];
    this.statements.run(
      "INSERT INTO explorer_dispute VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      ...[...place, won ? "won" : status, dutyOf(dispute) ?? null, openedAt, JSON.stringify(document)],
    );
  }

  private addNames(build: number, { buildId, claimList, disputeList, requests }: BuildDetail): void {
    const add = (name: string, kind: string, id: string) => {
      const text = "INSERT OR IGNORE INTO explorer_name VALUES (?, ?, ?, ?)";
      this.statements.run(text, name.replace(/^0x/, ""), kind, id, build);
    };
    add(buildId, "build", buildId);
    for (const { requestId } of requests) add(requestId, "request", buildId);
    for (const { claimId, finalRoot, outcome } of claimList) {
      add(claimId, "claim", claimId);
      add(finalRoot, "final state", claimId);
      add(outcome.artifactSha256, "artifact", buildId);
    }
    for (const { challengeId } of disputeList) add(challengeId, "dispute", challengeId);
  }

  private addJobs(build: number, { claimList, requests, finalClaim }: BuildDetail): void {
    const told = [
      ...claimList.map(({ locator, status, claimId }) => {
        return { locator, rank: claimId === finalClaim ? 0 : status === "refuted" ? 3 : 1 };
      }),
      ...requests.map(({ locator }) => ({ locator, rank: 2 })),
    ];
    const add =
      "INSERT INTO explorer_job (build, kind, place, rank, due) VALUES (?, ?, ?, ?, 0) " +
      "ON CONFLICT DO UPDATE SET rank = excluded.rank";
    for (const { locator, rank } of told.sort((a, b) => a.rank - b.rank).slice(0, mostPublications)) {
      this.statements.run(add, build, "publication", locator, rank);
    }
    this.statements.run(`${add}, due = 0, tries = 0`, build, "attestations", "", 0);
  }

  /** Takes out everything that is computed from events. @returns the accounts that did something in it. */
  private clear(build: number): string[] {
    const addresses = this.statements
      .all("SELECT DISTINCT address FROM explorer_act WHERE build = ?", build)
      .map(({ address }) => String(address));
    for (const table of ["claim", "dispute", "act", "part", "name"]) {
      this.statements.run(`DELETE FROM explorer_${table} WHERE build = ?`, build);
    }
    return addresses;
  }

  /** Notes when accounts did something last. */
  private see(addresses: Iterable<string>): void {
    const { source } = this.of;
    for (const address of addresses) {
      const last = this.statements.get(
        "SELECT max(timestamp) AS last FROM explorer_act WHERE source = ? AND address = ?",
        ...[source, address],
      )!.last;
      if (last === null) {
        this.statements.run("DELETE FROM explorer_operator WHERE source = ? AND address = ?", source, address);
      } else {
        this.statements.run("INSERT OR REPLACE INTO explorer_operator VALUES (?, ?, ?)", source, address, last!);
      }
    }
  }

  private buildOf(table: string, id: Root): Root | undefined {
    const text = `SELECT explorer_build.id FROM ${table} JOIN explorer_build ON n = build WHERE ${table}.source = ? AND ${table}.id = ?`;
    const row = this.statements.get(text, this.of.source, id);
    return row && (String(row.id) as Root);
  }
}
