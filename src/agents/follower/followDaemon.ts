import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { controlSocket } from "../../radicle/node/home.ts";
import { takeLock } from "../lockFile.ts";
import { runLoop } from "../loop.ts";
import { Wakeup } from "../wakeup.ts";
import { Follower, type FollowerOptions, tasksFolder } from "./follower.ts";
import { Jobs } from "./jobs.ts";
import { lookAt } from "./look.ts";
import { listenToNode } from "./nodeListener.ts";
import { isRadicle, RepositoryRefs, type RepositoryRefsOptions } from "./repositoryRefs.ts";
import { Soon } from "./soon.ts";
import { Watch } from "./watch.ts";
import { serveWebhooks } from "./webhooks.ts";

export interface FollowOptions extends Omit<FollowerOptions, "jobs" | "restSeconds">, RepositoryRefsOptions {
  readonly pollSeconds: number;
  /** Tasks that are run at the same time. */
  readonly parallelTasks: number;
  /** Where forges' webhooks are taken on the loopback address, and the secret that they are signed with. */
  readonly webhooks?: { readonly port: number; readonly secret: string } | undefined;
  /** Looks once, does what there is to do, and ends. */
  readonly once: boolean;
}

/** However fast a node tells of changes, what it tells in this time is looked at at once. */
const newsMilliseconds = 200;

/** What a follower has done when it ends. */
export interface FollowSummary {
  /** In the state folder, from whatever process. */
  readonly waiting: number;
  readonly done: number;
  /** Tasks that were given up in this run: not those that have failed in the machine, which is a result. */
  readonly failed: number;
}

/**
 * Follows repositories until the signal, or once. What it has seen and done is in the state folder: the next process goes on there.
 * @throws AssayError `agents/locked`, `agents/port-taken`, `agents/bad-secret`
 */
export async function runFollower(options: FollowOptions): Promise<FollowSummary> {
  const { stateFolder, log, signal, pollSeconds, repositories, parallelTasks, once } = options;
  const lock = takeLock(stateFolder);
  // What a killed process was in the middle of.
  await rm(join(stateFolder, tasksFolder), { recursive: true, force: true });
  const database = new DatabaseSync(join(stateFolder, "follower.sqlite"), { timeout: 5000 });
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    const jobs = new Jobs(database);
    const follower = new Follower({ ...options, jobs, restSeconds: once ? 0 : Math.max(60, pollSeconds) });
    const workers = Array.from({ length: parallelTasks }, () => new Wakeup());
    const onWork = () => {
      for (const worker of workers) worker.wake();
    };
    const refs = new RepositoryRefs(options);
    const look = async (repository: string) => await lookAt(repository, { refs, jobs, log, signal, onWork });
    const pollMilliseconds = pollSeconds * 1000;
    const watch = new Watch({ repositories, pollMilliseconds, log, signal, look });
    log.info({ repositories, key: options.signer.keyId }, "started");
    follower.takeUp();
    const workAll = async () => {
      while (!signal.aborted && (await follower.work()));
    };
    if (once) {
      await watch.once();
      await Promise.all(workers.map(workAll));
    } else {
      const { webhooks } = options;
      const onMessage = (repository: string) => watch.hasten(repository);
      const server = webhooks && (await serveWebhooks({ ...webhooks, repositories, log, onMessage }));
      const ofNode = repositories.filter(isRadicle);
      const news = new Set<string>();
      const soon = new Soon(newsMilliseconds);
      const onChange = (repository: string | undefined) => {
        for (const each of repository === undefined ? ofNode : [repository]) news.add(each);
        soon.begin(() => {
          for (const each of news) watch.hastenNow(each);
          news.clear();
        });
      };
      try {
        const listening =
          ofNode.length > 0 && listenToNode({ socket: controlSocket(process.env), log, signal, onChange });
        const loops = workers.map((wakeup) => runLoop({ log, signal, pollMilliseconds, wakeup }, workAll));
        await Promise.all([watch.run(), listening, ...loops]);
      } finally {
        await server?.close();
      }
    }
    const summary = { waiting: jobs.count("waiting"), done: jobs.count("done"), failed: follower.failed };
    log.info({ ...summary }, "stopped");
    return summary;
  } finally {
    database.close();
    lock.release();
  }
}
