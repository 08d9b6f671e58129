import type { DatabaseSync } from "node:sqlite";
import type { AttestationSource } from "../../attestation/board.ts";
import { fetchPublication } from "../../client/publication.ts";
import type { Root } from "../../core/bytes.ts";
import { isAssayError } from "../../core/errors.ts";
import { pause } from "../../core/pause.ts";
import type { ContentSource } from "../../store/store.ts";
import type { BuildAbout, ChainKey } from "../records.ts";
import { type About, aboutPublication, aboutStatements } from "./about.ts";
import type { ExplorerLog } from "./explorerLog.ts";
import type { IndexService } from "./indexService.ts";
import { inTransaction, Statements } from "./indexTables.ts";

export interface EnrichmentOptions {
  readonly store: ContentSource;
  readonly boards: readonly AttestationSource[];
  readonly log: ExplorerLog;
}

interface Job {
  readonly build: number;
  readonly buildId: Root;
  readonly chain: ChainKey;
  readonly kind: "publication" | "attestations";
  readonly place: string;
  readonly rank: number;
  readonly tries: number;
}

const atOnce = 8;
const idleMilliseconds = 2000;
/** How often something is tried, with pauses that grow from the first to the longest. */
const mostTries = 8;
const firstPauseSeconds = 30;
const longestPauseSeconds = 86_400;

/**
 * Learns in the background what publications and boards say that builds are of. All of it is hints, which nobody has checked against the
 * build id; it is cut, shown as text, and stands in nobody's way: what cannot be read now is tried again, ever more rarely.
 */
export class Enrichment {
  private readonly statements: Statements;
  private readonly ended = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    private readonly database: DatabaseSync,
    private readonly service: IndexService,
    private readonly options: EnrichmentOptions,
  ) {
    this.statements = new Statements(database);
    this.running = this.run();
  }

  /** Publications and boards that are due. */
  get waiting(): number {
    const text = `SELECT count(*) AS count FROM explorer_job WHERE due <= ? AND ${this.kinds}`;
    return Number(this.statements.get(text, nowSeconds())!.count);
  }

  async close(): Promise<void> {
    this.ended.abort();
    await this.running;
  }

  private get kinds(): string {
    return this.options.boards.length > 0 ? "1" : "kind = 'publication'";
  }

  private async run(): Promise<void> {
    const { signal } = this.ended;
    while (!signal.aborted) {
      try {
        const jobs = this.due();
        await Promise.all(jobs.map(async (job) => await this.work(job)));
        if (jobs.length === 0) await pause(idleMilliseconds, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.service.noteFault(error);
        await pause(idleMilliseconds, signal);
      }
    }
  }

  private due(): Job[] {
    const rows = this.statements.all(
      "SELECT job.*, explorer_build.id, key FROM explorer_job AS job JOIN explorer_build ON n = build " +
        `JOIN explorer_chain USING (source) WHERE due <= ? AND ${this.kinds} ORDER BY due, rank, build DESC LIMIT ?`,
      ...[nowSeconds(), atOnce],
    );
    return rows.map((row) => ({
      build: Number(row.build),
      buildId: String(row.id) as Root,
      chain: String(row.key) as ChainKey,
      kind: row.kind as Job["kind"],
      place: String(row.place),
      rank: Number(row.rank),
      tries: Number(row.tries),
    }));
  }

  private async work(job: Job): Promise<void> {
    let about: About | undefined;
    let next: number | null = null;
    try {
      about = await this.read(job);
      // Others may sign later.
      if (job.kind === "attestations" && job.tries < mostTries) next = this.later(job);
    } catch (error) {
      if (this.ended.signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      const { buildId: build, place } = job;
      this.options.log.debug({ build, place: place.slice(0, 100), why }, "what a build is of cannot be read");
      if (!isAssayError(error, "client/bad-publication", "store/bad-id", "store/too-large") && job.tries < mostTries) {
        next = this.later(job);
      }
    }
    if (this.ended.signal.aborted) return;
    const isNew = inTransaction(this.database, () => {
      const { build, kind, place } = job;
      const text = "UPDATE explorer_job SET due = ?, tries = tries + 1 WHERE build = ? AND kind = ? AND place = ?";
      this.statements.run(text, next, build, kind, place);
      return about !== undefined && this.keep(job, about);
    });
    if (isNew) this.service.tell({ chain: job.chain, block: this.blockOf(job.chain), builds: [job.buildId] });
  }

  private async read(job: Job): Promise<About | undefined> {
    const { store, boards } = this.options;
    if (job.kind === "publication") return aboutPublication(await fetchPublication(store, job.place));
    const topic = { algorithm: "build", digest: job.buildId.slice(2) } as const;
    const found = await Promise.all(boards.map(async (board) => await board.find(topic, this.ended.signal)));
    return aboutStatements(
      job.buildId,
      found.flatMap(({ envelopes }) => envelopes),
    );
  }

  private later({ tries }: Job): number {
    return nowSeconds() + Math.min(longestPauseSeconds, firstPauseSeconds * 4 ** tries);
  }

  /** @returns whether it says something new. */
  private keep({ build, kind, rank }: Job, about: About): boolean {
    const row = this.statements.get("SELECT about, about_rank FROM explorer_build WHERE n = ?", build);
    if (row === undefined) return false;
    // What a claim names is believed before what a request names: who claims has something to lose.
    if (kind === "publication" && row.about_rank !== null && Number(row.about_rank) < rank) return false;
    const before = JSON.parse(String(row.about)) as BuildAbout;
    const after: BuildAbout = { ...before, ...about };
    if (JSON.stringify(before) === JSON.stringify(after)) return false;
    const { environment, repository, source, commit, input, dependencies, builders = [] } = after;
    this.statements.run(
      "UPDATE explorer_build SET about = ?, environment = ?, environment_name = ?, repository = ? WHERE n = ?",
      ...[JSON.stringify(after), environment?.id ?? null, environment?.name ?? null, repository ?? null, build],
    );
    if (kind === "publication")
      this.statements.run("UPDATE explorer_build SET about_rank = ? WHERE n = ?", rank, build);
    this.statements.run("DELETE FROM explorer_word WHERE build = ?", build);
    const names: readonly (readonly [string, string | undefined])[] = [
      ["environment", environment?.id.slice(2)],
      ["commit", commit?.toLowerCase()],
      ["input", input?.id.replace(/^sha256:/, "")],
      ["dependencies", dependencies?.id.replace(/^sha256:/, "")],
    ];
    for (const [what, name] of names) {
      if (name !== undefined)
        this.statements.run("INSERT OR IGNORE INTO explorer_word VALUES (?, ?, ?)", name, what, build);
    }
    const words = [repository, source, commit, environment?.name, ...builders].filter((word) => word !== undefined);
    this.statements.run("DELETE FROM explorer_text WHERE rowid = ?", build);
    this.statements.run("INSERT INTO explorer_text (rowid, words) VALUES (?, ?)", build, words.join(" "));
    return true;
  }

  private blockOf(chain: ChainKey): number {
    return Number(this.statements.get("SELECT block FROM explorer_chain WHERE key = ?", chain)?.block ?? -1);
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
