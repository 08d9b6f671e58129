import type { PendingTransaction } from "../chain/outbox/outbox.ts";
import type { RpcProvider } from "../chain/rpcProvider.ts";
import type { Agent } from "./agent.ts";
import { type Duties, noneUndone } from "./duties.ts";
import { Health } from "./health.ts";
import type { Log } from "./log.ts";
import { createMetrics, type Metrics, type Snapshot } from "./metrics.ts";
import type { Ports } from "./ports.ts";
import { holdingsOf, openDuties } from "./standing.ts";
import { startStatusServer } from "./statusServer.ts";

/** Where a daemon serves what is to be known of it, and when it counts as unhealthy. */
export interface ServeMetrics {
  readonly host: string;
  readonly port: number;
  /** So many polls after the last good round it is unhealthy. */
  readonly silentPolls: number;
  readonly maxHeadAgeSeconds: number;
}

/** What is counted and known of one daemon. */
export interface Observation {
  readonly duties: Duties;
  readonly health: Health;
  readonly metrics: Metrics;
  /** Where it is served. */
  readonly url: string | undefined;
  close(): Promise<void>;
}

/** @throws AssayError `agents/port-taken` */
export async function openObservation(
  daemon: string,
  provider: Pick<RpcProvider, "limits" | "failures">,
  { head, clock }: Pick<Ports, "head" | "clock">,
  serve: ServeMetrics | undefined,
  log: Log,
): Promise<Observation> {
  const { silentPolls = 10, maxHeadAgeSeconds = 120 } = serve ?? {};
  const silenceMilliseconds = silentPolls * provider.limits.pollMilliseconds;
  const duties = noneUndone();
  const health = new Health({ daemon, clock, head, silenceMilliseconds, maxHeadAgeSeconds });
  const rpcFailures = () => provider.failures;
  const lostLogLines = () => log.lost?.() ?? 0;
  const metrics = createMetrics(daemon, { health, duties, head, clock, rpcFailures, lostLogLines });
  const server =
    serve && (await startStatusServer({ ...serve, registry: metrics.registry, report: () => health.report() }));
  if (server !== undefined) log.info({ url: server.url }, "metrics and health are served");
  return { duties, health, metrics, url: server?.url, close: async () => await server?.close() };
}

/** What an agent knows of its account. Costs no request that its round has not made. */
export async function agentSnapshot(agent: Agent, pending: readonly PendingTransaction[]): Promise<Snapshot> {
  const { ledger, account, address, parameters, unprotectedBuilds, holders } = agent;
  return {
    balance: await account.balance(),
    lockedBonds: holdingsOf(ledger.history, address, parameters).lockedBonds,
    pending,
    openDuties: openDuties(ledger, address, parameters),
    unprotectedBuilds,
    holders,
  };
}
