import { describe, expect, it } from "vitest";
import { accountReader } from "../../src/chain/account.ts";
import type { AssayChain } from "../../src/chain/assay.ts";
import type { Root } from "../../src/core/bytes.ts";

const key: Root = `0x${"01".repeat(32)}`;

/** A reader over a fake chain that counts what it is asked. */
function scene() {
  const asked: string[] = [];
  const state = { moment: 1, balance: 5n, baseFee: 7n as bigint | null, status: 0n, fails: false };
  const ask = async <T>(question: string, answer: T): Promise<T> => {
    asked.push(question);
    if (state.fails) throw new Error("no answer");
    return answer;
  };
  const fakeChain = {
    provider: {
      getBalance: async () => await ask("balance", state.balance),
      getBlock: async () => await ask("block", state.baseFee === null ? null : { baseFeePerGas: state.baseFee }),
    },
    contract: {
      owed: async () => await ask("owed", 3n),
      claimOf: async () => await ask("claim", { status: state.status, committedAt: 1000n }),
      stakeOf: async () => await ask("stake", { status: state.status }),
    },
  } as unknown as AssayChain;
  return { asked, state, reader: accountReader(fakeChain, `0x${"aa".repeat(20)}`, () => state.moment) };
}

describe("what the chain says of an account", () => {
  it("is asked once as long as nothing is new on the chain", async () => {
    const { asked, state, reader } = scene();
    expect([await reader.balance(), await reader.balance(), await reader.owed()]).toEqual([5n, 5n, 3n]);
    expect(await Promise.all([reader.owed(), reader.balance()])).toEqual([3n, 5n]);
    expect(asked).toEqual(["balance", "owed"]);
    state.moment++;
    state.balance = 6n;
    expect(await reader.balance()).toBe(6n);
    expect(asked).toEqual(["balance", "owed", "balance"]);
  });

  it("is asked again where there was no answer", async () => {
    const { asked, state, reader } = scene();
    state.fails = true;
    await expect(reader.balance()).rejects.toThrow("no answer");
    state.fails = false;
    expect(await reader.balance()).toBe(5n);
    expect(asked).toEqual(["balance", "balance"]);
  });

  it("has a price for gas with room for twice the base fee, and two gwei for the priority", async () => {
    const { state, reader } = scene();
    expect(await reader.gasPrice()).toBe(2_000_000_014n);
    state.moment++;
    state.baseFee = null;
    expect(await reader.gasPrice()).toBe(2_000_000_000n);
  });

  it.each([
    [0n, "none"],
    [1n, "committed"],
    [2n, "revealed"],
    [3n, "revealed"],
    [4n, "revealed"],
    [5n, "returned"],
    [6n, "revealed"],
  ])("has a commitment of status %s as %s", async (status, name) => {
    const { state, reader } = scene();
    state.status = status;
    expect(await reader.commitment(key)).toEqual({ status: name, committedAt: 1000 });
  });

  it.each([
    [0n, "none"],
    [1n, "live"],
    [2n, "lost"],
    [3n, "returned"],
    [4n, "returned"],
  ])("has a stake of status %s as %s, and asks for it each time", async (status, name) => {
    const { asked, state, reader } = scene();
    state.status = status;
    for (let i = 0; i < 2; i++) expect(await reader.stakeStatus(key)).toBe(name);
    expect(asked).toEqual(["stake", "stake"]);
  });
});
