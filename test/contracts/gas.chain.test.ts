import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AssayChain, type Hardfork } from "../support/assayChain.ts";
import type { Move } from "../support/assayDispute.ts";
import { measureBuild, measureClone, wordsOf } from "../support/disputeGas.ts";
import { PlantedWorld, playPlanted, realStep, somePath, totalGas } from "../support/plantedDispute.ts";

const snapshotFile = new URL("../snapshots/disputeGas.json", import.meta.url);
const log2Arity = 4;

describe("the gas of a dispute over 2^16 ticks of 2^24 steps", async () => {
  const path = somePath(16, 24);
  const step = await realStep();

  const measure = async (hardfork?: Hardfork) => {
    const world = await PlantedWorld.start({ log2Arity, path, step, hardfork });
    const { moves } = await world.refute(await world.claim());
    return {
      moves,
      words: await wordsOf(world.chain, moves),
      clone: await measureClone(world),
      build: await measureBuild(hardfork),
    };
  };
  const today = await measure();
  const amsterdam = await measure("amsterdam");
  const part = await playPlanted({ log2Arity, path, step, log2CheckpointTicks: 8 });

  it("stays below 1.15 million for both sides together, in at most 22 transactions and 3 new words", () => {
    expect(totalGas(today.moves)).toBeLessThanOrEqual(1_150_000);
    expect(today.moves.length).toBeLessThanOrEqual(22);
    expect(today.words).toBeLessThanOrEqual(3);
  });

  it("stays below 1.65 million under Amsterdam's rules", () => {
    expect(totalGas(amsterdam.moves)).toBeLessThanOrEqual(1_650_000);
    expect(amsterdam.words).toBe(today.words);
  });

  it("takes at most 18 transactions between checkpoints 2^8 ticks apart", () => {
    expect(part.length).toBeLessThanOrEqual(18);
  });

  it("costs a verifier at most 0.7 million for one more clone", () => {
    expect(today.clone).toBeLessThanOrEqual(700_000);
  });

  it("is none for a build that nobody challenges: its solver pays for three transactions and three words", () => {
    expect(today.build.gas).toBeLessThanOrEqual(280_000);
    expect(amsterdam.build.gas).toBeLessThanOrEqual(620_000);
    expect(today.build.words).toBeLessThanOrEqual(3);
  });

  it("and the contract's size are those of the snapshot", async () => {
    const { ethers, address, lens } = await AssayChain.start();
    const codeBytes = async (of: string) => (await ethers.provider.getCode(of)).length / 2 - 1;
    const lines = (all: readonly Move[]) => all.map(({ move, gas }) => `${move} ${gas}`);
    const { gas, gasIfCredited, rewardGas, words } = today.build;
    const measured = {
      codeBytes: { assay: await codeBytes(address), lens: await codeBytes(await lens.getAddress()) },
      words: { dispute: today.words, build: words },
      build: { gas, gasIfCredited, rewardGas, gasAmsterdam: amsterdam.build.gas },
      clone: { gas: today.clone, gasAmsterdam: amsterdam.clone },
      whole: lines(today.moves),
      wholeAmsterdam: lines(amsterdam.moves),
      fromCheckpoint: lines(part),
    };
    if (process.env.ASSAY_UPDATE_SNAPSHOTS) writeFileSync(snapshotFile, `${JSON.stringify(measured, null, 2)}\n`);
    expect(measured, "ASSAY_UPDATE_SNAPSHOTS=1 accepts").toEqual(JSON.parse(readFileSync(snapshotFile, "utf8")));
  });
});
