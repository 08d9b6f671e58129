import { describe, expect, it } from "vitest";
import { defaultFeePolicy } from "../../src/chain/outbox/call.ts";
import { currentFees, higher, raise } from "../../src/chain/outbox/fees.ts";
import { isAlreadyKnown, isNonceUsed, isUnderpriced } from "../../src/chain/outbox/poolError.ts";
import { AssayError } from "../../src/core/errors.ts";

const policy = { ...defaultFeePolicy, maxFeePerGas: 100n, maxPriorityFeePerGas: 10n };
/** A server that knows nothing but its newest block's base fee. */
const fakeProvider = (baseFeePerGas: bigint | null) => ({ getBlock: async () => ({ baseFeePerGas }) }) as never;
const feesAt = async (base: bigint | null, change = {}) =>
  await currentFees(fakeProvider(base), { ...policy, ...change }, "pay");

describe("fees", () => {
  it.each([
    [null, 10n],
    [20n, 50n],
    [45n, 100n],
    [46n, 100n],
    [90n, 100n],
  ])("at a base fee of %s leave room for twice as much, and stop at the cap", async (base, maxFeePerGas) => {
    expect(await feesAt(base)).toEqual({ maxFeePerGas, maxPriorityFeePerGas: 10n });
  });

  it("are none where the base fee leaves no room for the priority fee under the cap", async () => {
    await expect(feesAt(91n)).rejects.toMatchObject({ code: "chain/fee-cap", details: { given: 91n, cap: 100n } });
  });

  it("have no priority fee above the cap", async () => {
    expect(await feesAt(0n, { maxPriorityFeePerGas: 200n })).toEqual({
      maxFeePerGas: 100n,
      maxPriorityFeePerGas: 100n,
    });
  });

  it.each([
    [80n, 8n, 91n, 10n],
    [88n, 0n, 100n, 1n],
  ])("of %s and %s are raised by an eighth and a wei, to %s and %s", (fee, priority, raised, raisedPriority) => {
    expect(raise({ maxFeePerGas: fee, maxPriorityFeePerGas: priority }, policy)).toEqual({
      maxFeePerGas: raised,
      maxPriorityFeePerGas: raisedPriority,
    });
  });

  it("are not raised above the cap", () => {
    expect(raise({ maxFeePerGas: 89n, maxPriorityFeePerGas: 0n }, policy)).toBeUndefined();
  });

  it("are the higher of two, each for itself", () => {
    const [a, b] = [
      { maxFeePerGas: 5n, maxPriorityFeePerGas: 1n },
      { maxFeePerGas: 4n, maxPriorityFeePerGas: 2n },
    ];
    for (const both of [higher(a, b), higher(b, a)])
      expect(both).toEqual({ maxFeePerGas: 5n, maxPriorityFeePerGas: 2n });
  });
});

describe("what a server says of a transaction that it does not take", () => {
  const kindsOf = (error: unknown) => ({
    underpriced: isUnderpriced(error),
    used: isNonceUsed(error),
    known: isAlreadyKnown(error),
  });
  const none = { underpriced: false, used: false, known: false };

  it.each([
    ["replacement transaction underpriced", { underpriced: true }],
    ["nonce too low: next nonce 5, tx nonce 4", { used: true }],
    ["already known", { known: true }],
    ["insufficient funds for gas", {}],
  ])("in the words %j is %j, in the error itself or in one inside", (message, kind) => {
    for (const error of [new Error(message), { error: { message } }])
      expect(kindsOf(error)).toEqual({ ...none, ...kind });
  });

  it.each([
    ["REPLACEMENT_UNDERPRICED", { underpriced: true }],
    ["NONCE_EXPIRED", { used: true }],
  ])("with the code %s is %j", (code, kind) => {
    expect(kindsOf(Object.assign(new Error("no"), { code }))).toEqual({ ...none, ...kind });
  });

  it("is nothing where no server has said it", () => {
    expect(kindsOf(new AssayError("chain/rpc-fault", "nonce too low"))).toEqual(none);
  });
});
