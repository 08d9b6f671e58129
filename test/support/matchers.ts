import type { BaseContract } from "ethers";
import { expect } from "vitest";

/** Digs the raw revert data out of whatever ethers / Hardhat / JSON-RPC threw. */
export function revertData(error: unknown): string | undefined {
  let e: unknown = error;
  for (let depth = 0; depth < 8 && typeof e === "object" && e !== null; depth++) {
    const { data } = e as { data?: unknown };
    if (typeof data === "string" && data.startsWith("0x")) return data;
    if (typeof data === "object" && data !== null && typeof (data as { data?: unknown }).data === "string")
      return (data as { data: string }).data;
    const x = e as { info?: { error?: unknown }; error?: unknown; cause?: unknown };
    e = x.info?.error ?? x.error ?? x.cause;
  }
  return undefined;
}

interface RevertMatchers<R> {
  toRevertWith(contract: BaseContract, errorName: string, args?: readonly unknown[]): Promise<R>;
}
declare module "vitest" {
  interface Matchers<R, T> extends RevertMatchers<R> {}
}

expect.extend({
  async toRevertWith(received: unknown, contract: BaseContract, errorName: string, args?: readonly unknown[]) {
    const p = typeof received === "function" ? (received as () => Promise<unknown>)() : (received as Promise<unknown>);
    let err: unknown;
    try {
      const r = (await p) as { wait?: () => Promise<unknown> } | undefined;
      if (typeof r?.wait === "function") await r.wait();
      return { pass: false, message: () => `expected revert with ${errorName}, but it succeeded` };
    } catch (e) {
      err = e;
    }
    const data = revertData(err);
    if (data === undefined) throw err;
    const parsed = contract.interface.parseError(data);
    const got = parsed ? `${parsed.name}(${parsed.args.map(String).join(", ")})` : data;
    const okName = parsed?.name === errorName;
    const okArgs = args === undefined || this.equals([...(parsed?.args ?? [])], [...args]);
    return {
      pass: okName && okArgs,
      message: () =>
        `expected ${this.isNot ? "not " : ""}revert with ${errorName}(${args?.map(String).join(", ") ?? "…"}), got ${got}`,
    };
  },
});
