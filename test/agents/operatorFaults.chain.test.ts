import { globSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Wallet } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChallengeRecord } from "../../src/chain/records.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import { startAnvil } from "../support/anvil.ts";
import { runAssay, SpawnedDaemon } from "../support/spawned.ts";

/** Whole processes on anvil, whose clock is the host's: a block for each transaction, and one each second. */
let world: AgentWorld;
let daemons: SpawnedDaemon[];
beforeEach(async () => {
  daemons = [];
  const anvil = await startAnvil(["--block-time", "1", "--mixed-mining"]);
  const send = async (method: string, params: unknown[] = []): Promise<unknown> =>
    await anvil.provider.send(method, params);
  world = await AgentWorld.start({ server: { url: anvil.url, send, close: () => anvil.close() } });
});
afterEach(async () => {
  for (const daemon of daemons) await daemon.kill();
  await world.close();
});

interface Change {
  /** More lines of the configuration. */
  readonly lines?: string;
  readonly limits?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** @param name of its configuration and of its state directory. */
async function configure(name: string, { lines = "", limits = "" }: Change = {}): Promise<string> {
  const file = join(world.folder, `${name}.yaml`);
  await writeFile(file, `${world.configuration(name, undefined, limits)}${lines}\n`);
  return file;
}

async function start(args: readonly string[], name: string, key: Wallet, change: Change = {}): Promise<SpawnedDaemon> {
  const { environment = {} } = change;
  const options = { folder: world.folder, key: key.privateKey, environment };
  const daemon = new SpawnedDaemon([...args, "--config", await configure(name, change)], options);
  daemons.push(daemon);
  return daemon;
}

const refutation = (solver: Wallet) =>
  world.until("the refutation", () => {
    const claim = world.claimOf(solver);
    return claim?.refutation;
  });
const challengeAt = (selections: number): Promise<ChallengeRecord> =>
  world.until(`move ${selections} of a dispute`, ({ ledger }) =>
    [...ledger.history.challenges.values()].find((one) => one.selections >= selections),
  );
const isFinal = (solver: Wallet) => world.claimOf(solver)?.status === "final";
const balanceOf = async ({ address }: Wallet) => await world.chain.provider.getBalance(address);
const line = (daemon: SpawnedDaemon, message: RegExp) =>
  world.until(String(message), () => daemon.lines.find(({ msg }) => message.test(String(msg))));
const errors = (daemon: SpawnedDaemon) => daemon.lines.filter(({ level }) => level === "error");

const [fakeClock] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");

describe.skipIf(fakeClock === undefined)("a host clock an hour off (needs Debian's faketime)", () => {
  it.each([
    [1, -1],
    [-1, 1],
  ])("verifier %i h and solver %i h: both say so, and lose nothing by it", async (verifierOff, solverOff) => {
    const clock = (hours: number) => ({
      environment: {
        LD_PRELOAD: fakeClock!,
        FAKETIME: `${hours < 0 ? "-" : "+"}3600`,
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      },
    });
    await world.request(await world.source("clock"));
    const wrong = await world.solver(["memory@1:1000"]);
    const [verifierKey, solverKey] = [await world.wallet(), await world.wallet()];
    const verifier = await start(["verifier"], "verifier", verifierKey, clock(verifierOff));
    const solver = await start(["solver", "--no-challenge"], "solver", solverKey, clock(solverOff));
    expect(await refutation(wrong.wallet)).toMatchObject({ cause: "fault", rewarded: verifierKey.address });
    await world.until("the right claim", () => world.claimOf(solverKey));
    for (const [daemon, off] of [
      [verifier, verifierOff],
      [solver, solverOff],
    ] as const) {
      const said = await line(daemon, /^this host's clock and the chain's differ/);
      expect(Math.abs(Number(said.seconds) - 3600 * off)).toBeLessThan(300);
      expect(errors(daemon)).toEqual([]);
    }
    await line(verifier, /^claim is right$/);
    await world.skip(7200);
    await world.until("finality", () => isFinal(solverKey));
    expect([await verifier.stop(), await solver.stop()]).toEqual([0, 0]);
  });
});

describe("another key over the same state directory", () => {
  it("is refused while the solver's old key has a claim; both side by side bring it to its end", async () => {
    const [old, next] = [await world.wallet(), await world.wallet()];
    await world.request(await world.source("first"));
    const before = await start(["solver"], "old", old);
    await world.until("the claim", () => world.claimOf(old));
    expect(await before.stop()).toBe(0);

    const config = await configure("old");
    const options = { folder: world.folder, environment: { ASSAY_KEY: next.privateKey } };
    const { status, stdout, stderr } = await runAssay(["solver", "--once", "--config", config], options);
    expect(stderr).toContain(`is the state directory of ${old.address}, which has 1 open claim on this chain`);
    expect(stderr).toContain("with a state directory of its own [agents/other-account]");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(await world.chain.provider.getTransactionCount(next.address)).toBe(0);

    const still = await start(["solver"], "old", old, { limits: 'minReward: "1000000"' });
    const own = await start(["solver"], "next", next);
    await world.request(await world.source("second"));
    await world.until("the new key's claim", () => world.claimOf(next));
    await world.skip(7200);
    await world.until("finality of both", () => isFinal(old) && isFinal(next));
    expect([...world.ledger.history.claims.values()].length).toBe(2);
    expect([await still.stop(), await own.stop()]).toEqual([0, 0]);

    // Nothing of the old key is open any more.
    const after = await runAssay(["solver", "--once", "--config", config], options);
    expect(after, after.stderr).toMatchObject({ status: 0 });
  });

  it("is refused while the verifier's old key is in a dispute, which the old key then wins", async () => {
    const [old, next] = [await world.wallet(), await world.wallet()];
    await world.request(await world.source("disputed"));
    const wrong = await world.solver(["memory@1:1000"]);
    const before = await start(["verifier"], "old", old);
    await challengeAt(1);
    expect(await before.stop()).toBe(0);
    const { status, stderr } = await runAssay(["verifier", "--once", "--config", await configure("old")], {
      folder: world.folder,
      environment: { ASSAY_KEY: next.privateKey },
    });
    expect(stderr).toContain(`is the state directory of ${old.address}, which has 1 live stake`);
    expect(status).toBe(2);
    const again = await start(["verifier"], "old", old);
    expect(await refutation(wrong.wallet)).toMatchObject({ cause: "fault", rewarded: old.address });
    expect(await again.stop()).toBe(0);
  });
});

describe("in the middle of a dispute", () => {
  it("a base fee above the verifier's cap stops its moves, says so, and costs it nothing once it is back", async () => {
    await world.request(await world.source("fees"));
    const wrong = await world.solver(["memory@1:1000"]);
    const key = await world.wallet();
    const verifier = await start(["verifier"], "verifier", key, { lines: "fees: { maxFeePerGasGwei: 50 }" });
    await challengeAt(1);
    const baseFee = async (gwei: number) =>
      await world.server.send("anvil_setNextBlockBaseFeePerGas", [`0x${(gwei * 1e9).toString(16)}`]);
    const said = await world.until("the warning", async () => {
      await baseFee(150);
      return verifier.lines.find(({ code }) => code === "chain/fee-cap");
    });
    expect(String(said.why)).toMatch(/fee/);
    await baseFee(1);
    expect(await refutation(wrong.wallet)).toMatchObject({ cause: "fault", rewarded: key.address });
    expect(await verifier.stop()).toBe(0);
  });

  it("a balance of 0 stops the verifier's moves, is said, and costs it nothing once ether is there", async () => {
    await world.request(await world.source("poor"));
    const wrong = await world.solver(["memory@1:1000"]);
    const key = await world.wallet();
    const verifier = await start(["verifier"], "verifier", key);
    await challengeAt(1);
    await world.server.send("anvil_setBalance", [key.address, "0x0"]);
    const said = await world.until("the warning", () =>
      verifier.lines.find(({ code }) => code === "chain/insufficient-funds"),
    );
    expect(String(said.why)).toMatch(/send it ether/);
    await world.server.send("anvil_setBalance", [key.address, `0x${(10n ** 18n).toString(16)}`]);
    expect(await refutation(wrong.wallet)).toMatchObject({ cause: "fault", rewarded: key.address });
    expect(await verifier.stop()).toBe(0);
    expect(await balanceOf(key)).toBeGreaterThan(0n);
  });
});
