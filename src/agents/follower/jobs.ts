import type { DatabaseSync } from "node:sqlite";

/** One task of one commit. */
export interface Job {
  readonly id: number;
  /** The repository's URL. */
  readonly repository: string;
  readonly commit: string;
  readonly task: string;
  /** The branch or tag through which it was seen first. */
  readonly ref: string;
  /** How often it was begun, other than by processes that were asked to stop in it. */
  readonly tries: number;
}

const columns = 'id, repository, "commit", task, ref, tries';

/** After so many beginnings that came to no result, a job is given up. */
export const mostTries = 3;

/** Where a job stands: `running` is what a process has begun, and not yet said anything about. */
type State = "waiting" | "running" | "done" | "failed";

/** A job that a process was killed in. */
export interface KilledJob extends Job {
  readonly why: string;
  /** Whether it will be begun again. */
  readonly again: boolean;
}

/**
 * What a follower has to do and has done, in a database: a commit's task is there once, however often it is seen, and a job that a
 * process was killed in is taken up by the next. One process at a time has the database.
 */
export class Jobs {
  /** When each repository had its turn last, counted in turns. */
  private readonly turns = new Map<string, number>();
  private lastTurn = 0;

  constructor(private readonly database: DatabaseSync) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS refs (
        repository TEXT NOT NULL, ref TEXT NOT NULL, "commit" TEXT NOT NULL, PRIMARY KEY (repository, ref)
      ) STRICT;
      CREATE TABLE IF NOT EXISTS jobs (
        id INTEGER PRIMARY KEY, repository TEXT NOT NULL, "commit" TEXT NOT NULL, task TEXT NOT NULL, ref TEXT NOT NULL,
        state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, why TEXT,
        UNIQUE (repository, "commit", task)
      ) STRICT;
      CREATE INDEX IF NOT EXISTS waiting ON jobs (state, tries, id);
    `);
  }

  /** The refs of a repository whose commits are not those that have been taken up. */
  changed(repository: string, refs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const rows = this.database.prepare('SELECT ref, "commit" FROM refs WHERE repository = ?').all(repository);
    const known = new Map(
      (rows as unknown as { ref: string; commit: string }[]).map(({ ref, commit }) => [ref, commit]),
    );
    return new Map([...refs].filter(([ref, commit]) => known.get(ref) !== commit));
  }

  /** Takes a ref up: its commit's tasks wait, those of commits seen last first. Both or none survive a crash. */
  take(repository: string, ref: string, commit: string, tasks: readonly string[]): void {
    this.database.exec("BEGIN");
    try {
      const add = this.database.prepare(
        'INSERT INTO jobs (repository, "commit", task, ref, state) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      );
      for (const task of tasks) add.run(repository, commit, task, ref, "waiting");
      this.database
        .prepare(
          'INSERT INTO refs VALUES (?, ?, ?) ON CONFLICT (repository, ref) DO UPDATE SET "commit" = excluded."commit"',
        )
        .run(repository, ref, commit);
      this.database.exec("COMMIT");
    } catch (error) {
      this.database.exec("ROLLBACK");
      throw error;
    }
  }

  /**
   * To be called once, before anything is begun: what still runs, the process before was killed in. It waits again, or has failed if
   * that was its last try.
   */
  takeUp(): readonly KilledJob[] {
    const rows = this.database.prepare(`SELECT ${columns} FROM jobs WHERE state = 'running' ORDER BY id`).all();
    return (rows as unknown as Job[]).map((job) => {
      const why = `the process was killed in it, at try ${job.tries} of ${mostTries}`;
      return { ...job, why, again: this.fail(job, why, false) };
    });
  }

  /** The commit that was taken up last through a ref; undefined if there is none. */
  commitOf(repository: string, ref: string): string | undefined {
    const row = this.database
      .prepare('SELECT "commit" FROM refs WHERE repository = ? AND ref = ?')
      .get(repository, ref);
    return (row as { commit: string } | undefined)?.commit;
  }

  /** Forgets the refs that a repository has no more. What waits because of them is still done. */
  forget(repository: string, refs: ReadonlyMap<string, string>): void {
    this.database
      .prepare("DELETE FROM refs WHERE repository = ? AND ref NOT IN (SELECT value FROM json_each(?))")
      .run(repository, JSON.stringify([...refs.keys()]));
  }

  /**
   * The job to begin now, counted as begun: of the repository whose turn was longest ago, the newest of those that were begun least
   * often.
   * @param resting ids of jobs that are left alone for now.
   */
  begin(resting: Iterable<number> = []): Job | undefined {
    const candidates = this.database
      .prepare(
        `SELECT id, repository FROM (
           SELECT id, repository, ROW_NUMBER() OVER (PARTITION BY repository ORDER BY tries, id DESC) AS place
           FROM jobs WHERE state = 'waiting' AND id NOT IN (SELECT value FROM json_each(?))
         ) WHERE place = 1 ORDER BY id DESC`,
      )
      .all(JSON.stringify([...resting])) as unknown as { id: number; repository: string }[];
    const turnOf = ({ repository }: { repository: string }) => this.turns.get(repository) ?? 0;
    const [next] = candidates.sort((a, b) => turnOf(a) - turnOf(b));
    if (next === undefined) return undefined;
    this.turns.set(next.repository, ++this.lastTurn);
    const row = this.database
      .prepare(`UPDATE jobs SET state = 'running', tries = tries + 1 WHERE id = ? RETURNING ${columns}`)
      .get(next.id);
    return row as unknown as Job;
  }

  /** A job is left as if it had not been begun: the process was asked to stop. */
  giveBack({ id }: Job): void {
    this.database.prepare("UPDATE jobs SET state = 'waiting', tries = tries - 1 WHERE id = ?").run(id);
  }

  /** A job has a result. */
  finish({ id }: Job, result: string): void {
    this.database.prepare("UPDATE jobs SET state = 'done', why = ? WHERE id = ?").run(result, id);
  }

  /** A job has come to no result. @returns whether it will be begun again. */
  fail({ id, tries }: Job, why: string, forGood: boolean): boolean {
    const ends = forGood || tries >= mostTries;
    this.database.prepare("UPDATE jobs SET state = ?, why = ? WHERE id = ?").run(ends ? "failed" : "waiting", why, id);
    return !ends;
  }

  count(state: State): number {
    return Number(this.database.prepare("SELECT COUNT(*) AS n FROM jobs WHERE state = ?").get(state)!.n);
  }
}
