import { Interface, makeError } from "ethers";
import { describe, expect, it } from "vitest";
import { chainError, decodeRevert, revertOf, rpcErrorCode } from "../../src/chain/errors.ts";
import { AssayError } from "../../src/core/errors.ts";

const first = new Interface(["error NothingOwed()"]);
const second = new Interface(["error BondTooSmall(uint256 required, uint256 given)"]);
const abis = [first, second];
const data = second.encodeErrorResult("BondTooSmall", [5n, 3n]);
const revert = { name: "BondTooSmall", args: [5n, 3n] };
const errorFrom = (error: unknown) => chainError(error, abis, "pay");

/** Errors inside errors, so many times. */
function nested(depth: number): unknown {
  return depth === 0 ? { data } : { error: nested(depth - 1) };
}

describe("a revert", () => {
  it.each([
    ["itself", { data }],
    ["in capital digits", { data: `0x${data.slice(2).toUpperCase()}` }],
    ["in an object of its own", { data: { data } }],
    ["in the answer of a server", { info: { error: { data } } }],
    ["in an error inside", { error: { data } }],
    ["in its cause", { cause: { data } }],
    ["beside what is no data", { data: "0x1", cause: { data } }],
    ["seven errors deep", nested(7)],
  ])("is found %s", (_, error) => {
    const found = errorFrom(error);
    expect(revertOf(found)).toEqual(revert);
    expect(found.message).toBe("cannot pay: the contract says BondTooSmall(5, 3)");
    expect(found.details).toMatchObject({ action: "pay" });
    expect(found.cause).toBe(error);
  });

  it("is not looked for deeper than eight errors", () => {
    expect(errorFrom(nested(8)).code).toBe("chain/rpc-fault");
  });

  it("is named by its first four bytes where no interface knows it, or its arguments are cut off", () => {
    expect(decodeRevert("0x1234567890", abis)).toEqual({ name: "unknown error 0x12345678", args: [] });
    expect(decodeRevert(data.slice(0, -2), abis).name).toBe(`unknown error ${data.slice(0, 10)}`);
  });

  it("without data has no name", () => {
    const call = makeError("reverted", "CALL_EXCEPTION", {
      ...{ action: "call", data: null, reason: null, invocation: null, revert: null },
      transaction: { to: null, data: "0x" },
    });
    expect(revertOf(errorFrom(call))).toEqual({ name: "", args: [] });
    expect(revertOf(errorFrom(Object.assign(call, { data: "0x" })))).toEqual({ name: "", args: [] });
  });

  it("is not behind an error of another kind", () => {
    expect(revertOf(new AssayError("chain/rpc-fault", "no"))).toBeUndefined();
    expect(revertOf(new Error("no"))).toBeUndefined();
  });
});

describe("what a server or ethers throws", () => {
  const coded = (code: string, message = "no") => Object.assign(new Error(message), { code });

  it.each([
    ["a balance that is too low, by ethers", coded("INSUFFICIENT_FUNDS"), "chain/insufficient-funds"],
    ["a balance that is too low, in geth's words", new Error("insufficient funds for gas"), "chain/insufficient-funds"],
    [
      "a balance that is too low, in Hardhat's words",
      { error: { message: "Sender doesn't have enough funds" } },
      "chain/insufficient-funds",
    ],
    ["a nonce that is used", coded("NONCE_EXPIRED"), "chain/replaced"],
    ["a replacement that pays too little", coded("REPLACEMENT_UNDERPRICED"), "chain/replaced"],
    ["anything else", coded("UNKNOWN_ERROR"), "chain/rpc-fault"],
  ])("is told apart: %s", (_, error, code) => {
    expect(errorFrom(error)).toMatchObject({ code, details: { action: "pay" }, cause: error });
  });

  it.each([
    ["the server's answer", { info: { error: { message: "yes" } }, error: { message: "no" }, shortMessage: "no" }],
    ["the error inside", { error: { message: "yes" }, shortMessage: "no", message: "no" }],
    ["the short message", { shortMessage: "yes", message: "no" }],
    ["the message", { message: "yes" }],
    ["the text itself", "yes"],
  ])("is said in the words of %s", (_, error) => {
    expect(errorFrom(error).message).toBe("cannot pay: yes");
  });

  it("stays what it is where that is known already", () => {
    const error = new AssayError("chain/fee-cap", "above the cap");
    expect(errorFrom(error)).toBe(error);
  });

  it("is poverty by its words alone", () => {
    expect(rpcErrorCode("Insufficient funds")).toBe("chain/insufficient-funds");
    expect(rpcErrorCode("sufficient funds")).toBe("chain/rpc-fault");
  });
});
