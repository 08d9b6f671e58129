import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import type { HealthReport } from "../../src/agents/health.ts";
import type { Facts, Log } from "../../src/agents/log.ts";
import { openObservation, type ServeMetrics } from "../../src/agents/observation.ts";
import type { Head } from "../../src/agents/ports.ts";
import { defaultRpcLimits } from "../../src/chain/rpcProvider.ts";
import { zeroRoot } from "../../src/protocol/hash.ts";

const serve: ServeMetrics = { host: "127.0.0.1", port: 0, silentPolls: 3, maxHeadAgeSeconds: 60 };
const noon = Date.UTC(2030, 0, 1, 12);

/** A daemon's observation, served on a free port, with a clock and a head that the test sets. */
async function observe(change: Partial<ServeMetrics> = {}) {
  const said: Facts[] = [];
  const say = (facts: Facts) => void said.push(facts);
  const log: Log = { info: say, warn: say, error: say, debug: say };
  const world: { now: number; head: Head | undefined } = { now: noon, head: undefined };
  const failures = new Map<string, number>();
  const provider = { limits: { ...defaultRpcLimits, pollMilliseconds: 4000 }, failures };
  const ports = { head: () => world.head, clock: () => world.now };
  const observation = await openObservation("verifier", provider, ports, { ...serve, ...change }, log);
  const url = observation.url!;
  return {
    ...observation,
    world,
    failures,
    said,
    async healthz() {
      const response = await fetch(`${url}/healthz`);
      return { status: response.status, report: (await response.json()) as HealthReport };
    },
    async metric(name: string) {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.split("\n").filter((line) => line.startsWith(name) && !line.startsWith("#"));
    },
    url,
  };
}

describe("a daemon's health", () => {
  it("is good from the first good round until rounds or blocks stay away, and again when they come back", async () => {
    const daemon = await observe();
    const { world, health } = daemon;
    expect(await daemon.healthz()).toMatchObject({
      status: 503,
      report: { healthy: false, daemon: "verifier", reasons: ["no round has succeeded yet"] },
    });
    health.note(undefined);
    world.head = { number: 7, timestamp: noon / 1000 - 5 };
    expect(await daemon.healthz()).toMatchObject({
      status: 200,
      report: {
        healthy: true,
        reasons: [],
        rounds: 1,
        head: { number: 7, ageSeconds: 5 },
        lastRound: { secondsAgo: 0 },
      },
    });
    world.now += 12_001;
    health.note(new Error("the RPC server \u001b[31mrpc.example\u001b[0m cannot be reached"));
    const silent = await daemon.healthz();
    expect(silent.status).toBe(503);
    expect(silent.report.reasons).toEqual([
      "no round has succeeded for 12 s",
      "the last one failed: the RPC server \\u001b[31mrpc.example\\u001b[0m cannot be reached",
    ]);
    expect(silent.report.failure).toMatchObject({ inARow: 1 });
    health.note(undefined);
    expect((await daemon.healthz()).status).toBe(200);
    world.now += 50_000;
    health.note(undefined);
    expect((await daemon.healthz()).report.reasons).toEqual(["the newest block is 67 s old, more than 60 s"]);
    await daemon.close();
  });

  it("is served on the configured port only, and a port that is taken is one sentence", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(observe({ port })).rejects.toMatchObject({
      code: "agents/port-taken",
      message: `port ${port} of 127.0.0.1 is taken by another process: set metrics.port or metrics.host to another one`,
    });
    other.close();
    const daemon = await observe();
    expect(daemon.said).toEqual([{ url: daemon.url }]);
    expect((await fetch(`${daemon.url}/`)).status).toBe(404);
    expect((await fetch(`${daemon.url}/metrics`, { method: "POST" })).status).toBe(405);
    expect(await (await fetch(`${daemon.url}/metrics`, { method: "HEAD" })).text()).toBe("");
    await daemon.close();
    await expect(fetch(`${daemon.url}/healthz`)).rejects.toThrow();
  });
});

describe("a daemon's metrics", () => {
  it("are those that docs/alerts.md explains", async () => {
    const daemon = await observe();
    const rows = (await readFile("docs/alerts.md", "utf8")).matchAll(
      /^\| `([a-z_]+)` +\| (gauge|counter|histogram) +\|/gm,
    );
    const documented = [...rows].map(([, name, type]) => `${type} ${name}`);
    const served = daemon.metrics.registry.getMetricsAsArray().map(({ name, type }) => `${type} ${name}`);
    expect(served.sort()).toEqual(documented.sort());
    await daemon.close();
  });

  it("hold what it knows of itself, as of the moment they are read", async () => {
    const daemon = await observe();
    const { metrics, duties, health, world, failures } = daemon;
    const pending = [
      { nonce: 4, action: "reveal the claim", hash: "0x", maxFeePerGas: 1n },
      { nonce: 5, action: "post a row", hash: "0x", maxFeePerGas: 1n },
    ];
    const answer = { kind: "answer", side: "solver", claim: zeroRoot, deadline: 90 } as const;
    const snapshot = { balance: 10n ** 17n, lockedBonds: 2n * 10n ** 18n, unprotectedBuilds: 1 };
    metrics.observe({
      ...snapshot,
      pending: pending.slice(0, 1),
      openDuties: [
        { ...answer, secondsLeft: 40 },
        { ...answer, secondsLeft: 30 },
      ],
    });
    expect(await daemon.metric("assay_open_duties")).toContain('assay_open_duties{kind="answer",daemon="verifier"} 2');
    expect(await daemon.metric("assay_duty_seconds_left")).toEqual([
      'assay_duty_seconds_left{kind="answer",daemon="verifier"} 30',
    ]);
    expect(await daemon.metric("assay_holders")).toEqual([]);
    world.now += 7000;
    metrics.observe({ ...snapshot, pending, openDuties: [], holders: 0 });
    expect(await daemon.metric("assay_holders")).toEqual(['assay_holders{daemon="verifier"} 0']);
    expect(await daemon.metric("assay_duty_seconds_left")).toEqual([]);
    expect(await daemon.metric("assay_oldest_pending_seconds")).toEqual([
      'assay_oldest_pending_seconds{daemon="verifier"} 7',
    ]);
    metrics.observe({ ...snapshot, pending: pending.slice(1), openDuties: [] });
    expect(await daemon.metric("assay_oldest_pending_seconds")).toEqual([
      'assay_oldest_pending_seconds{daemon="verifier"} 0',
    ]);
    expect(await daemon.metric("assay_balance_ether")).toEqual(['assay_balance_ether{daemon="verifier"} 0.1']);
    expect(await daemon.metric("assay_locked_bonds_ether")).toEqual(['assay_locked_bonds_ether{daemon="verifier"} 2']);
    duties.wrongFinals = 3;
    health.note(undefined);
    health.note(new Error("no"));
    failures.set("rpc.example", 5);
    metrics.moved("reveal", 90_000n);
    metrics.moved("reveal", 10_000n);
    world.head = { number: 9, timestamp: world.now / 1000 - 3 };
    for (const [name, value] of [
      ['assay_wrong_finals_total{daemon="verifier"}', 3],
      ['assay_rounds_total{daemon="verifier"}', 1],
      ['assay_failed_rounds_total{daemon="verifier"}', 1],
      ['assay_rpc_failures_total{host="rpc.example",daemon="verifier"}', 5],
      ['assay_moves_total{kind="reveal",daemon="verifier"}', 2],
      ['assay_gas_used_total{kind="reveal",daemon="verifier"}', 100_000],
      ['assay_head_number{daemon="verifier"}', 9],
      ['assay_head_age_seconds{daemon="verifier"}', 3],
    ] as const) {
      expect(await daemon.metric(name)).toEqual([`${name} ${value}`]);
    }
    await daemon.close();
  });

  it("count the time from commit to reveal of own claims, once", async () => {
    const daemon = await observe();
    const event = (name: string, timestamp: number, solver = "me") => ({
      name,
      args: { solver, claimId: `claim of ${solver}` },
      block: 1,
      timestamp,
      transaction: "0x",
    });
    const isOwn = (address: string) => address === "me";
    const events = [
      event("ClaimCommitted", 100),
      event("ClaimCommitted", 100, "other"),
      event("ClaimRevealed", 142),
      event("ClaimRevealed", 150, "other"),
    ];
    // The second time after a reorganisation.
    for (const event of [...events, ...events]) daemon.metrics.happened(event, isOwn);
    expect(await daemon.metric("assay_reveal_delay_seconds_sum")).toEqual([
      'assay_reveal_delay_seconds_sum{daemon="verifier"} 42',
    ]);
    await daemon.close();
  });
});
