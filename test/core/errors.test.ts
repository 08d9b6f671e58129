import { describe, expect, it } from "vitest";
import { revertOf } from "../../src/chain/errors.ts";
import { AssayError, type ErrorCode, isAssayError } from "../../src/core/errors.ts";

const cause = new RangeError("inner");

describe("AssayError", () => {
  it("narrows by code and keeps its cause", () => {
    const error: unknown = new AssayError("core/not-hex", "outer", { text: "x" }, { cause });
    expect(isAssayError(error, "core/not-hex")).toBe(true);
    expect(isAssayError(error, "core/wrong-length")).toBe(false);
    expect(isAssayError(cause)).toBe(false);
    expect((error as Error).cause).toBe(cause);
  });

  it("has no cause where none is known", () => {
    expect(new AssayError("cli/refused", "no", {}, { cause: undefined })).not.toHaveProperty("cause");
  });

  it("has details that follow from its code", () => {
    const details = { name: "NoSuchClaim", args: [7n], data: "0x", action: "look" };
    const thrown: unknown = new AssayError("chain/reverted", "no such claim", details);
    expect(revertOf(thrown)).toEqual({ name: "NoSuchClaim", args: [7n] });
    if (!isAssayError(thrown, "chain/reverted", "wasm/invalid")) throw thrown;
    expect(thrown.code === "wasm/invalid" ? thrown.details.rule : thrown.details.action).toBe("look");
  });

  it("has an empty object where its code has no details", () => {
    expect(new AssayError("native/aborted", "ended").details).toEqual({});
  });

  it("compiles with the details of its code alone", () => {
    // @ts-expect-error details are missing
    const missing = () => new AssayError("store/cancelled", "no content");
    // @ts-expect-error a value is missing, even where any error would do
    const incomplete = (): AssayError => new AssayError("core/wrong-length", "too short", { expected: 2 });
    // @ts-expect-error a value that this code does not have
    const other = () => new AssayError("wasm/malformed", "cut off", { offset: 1, rule: "length", size: 2 });
    // @ts-expect-error this code has no details
    const superfluous = () => new AssayError("native/aborted", "ended", { tick: 1 });
    // @ts-expect-error no folder has this code
    const unknown = () => new AssayError("wasm/strange", "what");
    // @ts-expect-error these details suit one of the two codes only
    const either = (code: "core/not-hex" | "core/wrong-length") => new AssayError(code, "bad", { text: "x" });
    // @ts-expect-error nothing suits every code
    const any = (code: ErrorCode) => new AssayError(code, "bad", {});
    const both = (code: "wasm/invalid" | "wasm/malformed") => new AssayError(code, "bad", { offset: 0, rule: "order" });
    // @ts-expect-error a caught error has the details of the codes that were asked for
    const read = (error: unknown) => isAssayError(error, "core/not-hex") && error.details.given;
    for (const make of [missing, incomplete, other, superfluous, unknown, either, any, both, read]) {
      expect(make).toBeTypeOf("function");
    }
  });
});
