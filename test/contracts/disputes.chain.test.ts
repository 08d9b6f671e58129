import { describe, expect, it } from "vitest";
import { AssayChain } from "../support/assayChain.ts";
import { TestClaim } from "../support/assayClaim.ts";
import { Dispute } from "../support/assayDispute.ts";
import { LoopTrace } from "../support/loopTrace.ts";

const program = { ticks: 6, turns: 1 };
const honest = new LoopTrace(program);
const faulty = new LoopTrace(program, { tick: 2, step: 11, kind: "memory" });

describe("a dispute over a wrong claim", () => {
  it("ends in a fault that the contract executes", async () => {
    const chain = await AssayChain.start();
    const [, solver, verifier] = chain.accounts;
    const claim = await TestClaim.make(chain, solver!, faulty);
    const dispute = await Dispute.open(claim, verifier!);
    await dispute.playToStep(honest);
    expect(dispute.cursor).toMatchObject({ level: "steps", tick: 2, from: 10, log2Length: 0 });
    await dispute.proveFault(honest);
    expect((await claim.state()).status).toBe(2n);
  });
});
