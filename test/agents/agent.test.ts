import { describe, expect, it } from "vitest";
import { wrongRun } from "../support/fakeBuilds.ts";
import { FakeWorld, stranger } from "../support/fakeWorld.ts";

/** An agent whose one move is a withdrawal. */
async function scene() {
  const party = new FakeWorld().verifier();
  const { ports, log } = party;
  await ports.ledger.refresh();
  const make = (key = "withdraw", deadline?: number) => {
    const call = party.agent.calls.withdraw(ports.address);
    return party.agent.make({
      key,
      call,
      facts: { kind: "withdraw" },
      ...(deadline !== undefined && { deadline }),
    });
  };
  return { party, ports, log, make };
}

describe("a move of an agent", () => {
  it("is made once while it is under way, also by the next process", async () => {
    const { make, ports, party } = await scene();
    expect(make()).toBe(true);
    expect(make()).toBe(false);
    party.restart();
    expect(make()).toBe(false);
    expect(ports.sender.submissions).toHaveLength(1);
  });

  it("is not made before a block has been read, or after the ledger has been distrusted", async () => {
    const { make, ports } = await scene();
    ports.ledger.distrust();
    expect(make()).toBe(false);
    await ports.ledger.refresh();
    expect(make()).toBe(true);
  });

  it("does not hold up another one", async () => {
    const { make } = await scene();
    expect([make("one"), make("two")]).toEqual([true, true]);
  });

  it("hands its deadline on", async () => {
    const { make, ports } = await scene();
    make("one", 1_000_500);
    make("two");
    expect(ports.sender.submissions[0]).toMatchObject({ key: "one", deadline: 1_000_500 });
    expect(ports.sender.submissions[1]).not.toHaveProperty("deadline");
  });

  it("says when it was due, and how long before that it was made", async () => {
    const { make, ports, log } = await scene();
    make("one", ports.chain.time + 500);
    make("two");
    ports.chain.pass(20);
    for (const key of ["one", "two"]) await ports.sender.refuse(key, "WrongBond");
    expect(log.lines[0]!.facts).toMatchObject({ deadline: ports.chain.time + 480, secondsLeft: 500 });
    for (const fact of ["deadline", "secondsLeft"]) expect(log.lines[1]!.facts).not.toHaveProperty(fact);
  });

  it("is not made again while it is mined in a block that the ledger has yet to read", async () => {
    const world = new FakeWorld();
    const solver = world.solver();
    solver.ledger.confirmations = 3;
    await world.request(1);
    for (let i = 0; i < 3; i++) await world.request(2 + i);
    await solver.act();
    const [{ key, call }] = solver.sender.submissions as [(typeof solver.sender.submissions)[number]];
    for (let i = 0; i < 3; i++) {
      await solver.ledger.refresh();
      expect(solver.agent.canMake(key)).toBe(false);
      expect(solver.agent.make({ key, call, facts: {} })).toBe(false);
      await world.request(10 + i);
    }
    await solver.ledger.refresh();
    expect(solver.agent.canMake(key)).toBe(true);
  });

  it("is made again after a refusal, with a pause that grows up to 15 seconds", async () => {
    const { make, ports } = await scene();
    for (const pause of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      expect(make()).toBe(true);
      await ports.sender.refuse("withdraw", "WrongBond");
      ports.milliseconds += pause - 1;
      expect(make()).toBe(false);
      ports.milliseconds++;
    }
    expect(make()).toBe(true);
  });

  it("starts with the shortest pause again once it has been mined", async () => {
    const { world, verifier } = await withMoneyOwed();
    const { agent, ports, sender } = verifier;
    const call = agent.calls.withdraw(ports.address);
    const make = () => agent.make({ key: "withdraw", call, facts: {} });
    for (const pause of [1_000, 2_000]) {
      make();
      await sender.refuse("withdraw", "WrongBond");
      ports.milliseconds += pause;
    }
    make();
    await sender.mine();
    expect(sender.minedIn("withdraw")).toBe(world.chain.block);
    await verifier.ledger.refresh();
    make();
    await sender.refuse("withdraw", "WrongBond");
    ports.milliseconds += 1_000;
    expect(make()).toBe(true);
  });

  it("that ends with the process is not worth a word", async () => {
    const { make, ports, log } = await scene();
    make();
    await ports.sender.refuse("withdraw", "stopped", "chain/cancelled-fault");
    expect(log.lines).toEqual([]);
  });

  it("that is refused is a warning", async () => {
    const { make, ports, log } = await scene();
    make();
    await ports.sender.refuse("withdraw", "WrongBond");
    expect(log.lines).toMatchObject([{ level: "warn", message: /^not done: will try again/ }]);
  });

  it.each(["NothingOwed", "ClaimNotOpen", "AlreadyChallenged", "ChallengeMismatch", "StakeNotLive", "BuildIsFinal"])(
    "that the contract refuses with %s has been made by somebody: no warning",
    async (error) => {
      const { make, ports, log } = await scene();
      make();
      await ports.sender.refuse("withdraw", error);
      expect(log.lines).toMatchObject([{ level: "info", message: "already done by somebody" }]);
      expect(make()).toBe(false);
      ports.milliseconds += 1_000;
      expect(make()).toBe(true);
    },
  );

  it("wakes the loop when it is settled", async () => {
    const { make, ports, party } = await scene();
    const sleep = party.agent.wakeup.sleep(2 ** 30, new AbortController().signal);
    make();
    await ports.sender.refuse("withdraw", "NothingOwed");
    await sleep;
  });
});

/** A verifier to whom the reward of a refutation is owed. */
async function withMoneyOwed() {
  const world = new FakeWorld();
  const verifier = world.verifier();
  await world.claim(stranger, wrongRun(1));
  await verifier.actAll();
  world.chain.pass(601);
  await verifier.act();
  expect(await verifier.ports.account.owed()).toBeGreaterThan(0n);
  return { world, verifier };
}
