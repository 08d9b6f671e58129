import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../../src/core/bytes.ts";
import type { KeccakKernel } from "../../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { claimableText, countingProgram, everyTicks, testSession } from "../../support/testSession.ts";

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

function secretOf(body: string, options: Parameters<typeof testSession>[2] = {}) {
  const session = testSession(kernel, claimableText(countingProgram(20, body).replace(" 4 4)", " 80 80)")), options);
  const { finalRoot, checkpoints } = session.run(everyTicks(1));
  return {
    session,
    secret: toHex(session.executionSecret()),
    finalRoot,
    checkpoints,
    final: session.resultProofs().final,
  };
}

describe("the secret of an execution", () => {
  it("is the same for every run, wherever its session stands", () => {
    const { session, secret } = secretOf("");
    session.tickRoots([3]);
    expect(toHex(session.executionSecret())).toBe(secret);
    expect(secretOf("").secret).toBe(secret);
  });

  it("is another one where one byte of the memory is, first page or last", () => {
    const secrets = ["0", "5242879"].map((at) => secretOf(`(i32.store8 (i32.const ${at}) (i32.const 77))`).secret);
    expect(new Set([secretOf("").secret, ...secrets]).size).toBe(3);
  });

  it("is in nothing that a claim shows", () => {
    const { secret, finalRoot, checkpoints, final } = secretOf("");
    expect([finalRoot, ...checkpoints]).not.toContain(secret);
    expect(toHex(final)).not.toContain(secret.slice(2));
  });
});
