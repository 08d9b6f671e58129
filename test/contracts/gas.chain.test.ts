import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AssayChain } from "../support/assayChain.ts";
import { middlePath, playPlanted, realStep, somePath, totalGas } from "../support/plantedDispute.ts";
import { worstSteps } from "../support/worstStep.ts";

const snapshotFile = new URL("../snapshots/disputeGas.json", import.meta.url);
const localTerms = new URL("../../deploy/parameters/local.json", import.meta.url);

/** EIP-170. */
const maxCodeBytes = 24_576;
const log2Arity = 4;

describe("the gas of a dispute over 2^16 ticks of 2^24 steps", async () => {
  const path = somePath(16, 24);
  const step = await realStep();
  const whole = await playPlanted(log2Arity, path, step);
  const part = await playPlanted(log2Arity, path, step, 8);

  it("stays below 1.3 million for both sides together, in at most 24 transactions", () => {
    expect(totalGas(whole)).toBeLessThanOrEqual(1_300_000);
    expect(whole.length).toBeLessThanOrEqual(24);
  });

  it("takes at most 18 transactions between checkpoints 2^8 ticks apart", () => {
    expect(part.length).toBeLessThanOrEqual(18);
  });

  it("and the contract's size are those of the snapshot", async () => {
    const { ethers, assay } = await AssayChain.start();
    const code = await ethers.provider.getCode(await assay.getAddress());
    const moves = (all: typeof whole) => all.map(({ move, gas }) => `${move} ${gas}`);
    const measured = { codeBytes: code.length / 2 - 1, whole: moves(whole), fromCheckpoint: moves(part) };
    if (process.env.ASSAY_UPDATE_SNAPSHOTS) writeFileSync(snapshotFile, `${JSON.stringify(measured, null, 2)}\n`);
    expect(measured, "ASSAY_UPDATE_SNAPSHOTS=1 accepts").toEqual(JSON.parse(readFileSync(snapshotFile, "utf8")));
    expect(measured.codeBytes).toBeLessThan(maxCodeBytes);
  });

  it("is in no move above what the bonds are made for, even with the longest proofs and the worst step", async () => {
    const worst = worstSteps().reduce((a, b) => (b.witness.length > a.witness.length ? b : a));
    const moves = await playPlanted(log2Arity, middlePath(16, 24, log2Arity), worst);
    const { gasPerMove } = JSON.parse(readFileSync(localTerms, "utf8")).Assay.terms as { gasPerMove: number };
    for (const { move, gas } of moves) expect(Number(gas), move).toBeLessThanOrEqual(gasPerMove);
  });
});
