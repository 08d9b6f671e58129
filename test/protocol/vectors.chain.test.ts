import { readFileSync } from "node:fs";
import { network } from "hardhat";
import { beforeAll, describe, expect, it } from "vitest";
import type { AssayLens } from "../../src/types/AssayLens.ts";
import type { IdsHarness } from "../../src/types/testing/IdsHarness.ts";
import type { ProtocolVectors, WordVector } from "../support/protocolVectors.ts";

const file = new URL("../vectors/protocol.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as ProtocolVectors;

/** A struct's fields by name: those of the vector, and nothing for the others. */
type State = Readonly<Record<string, string | boolean>>;

describe("the contracts and test/vectors/protocol.json", () => {
  let ethers: Awaited<ReturnType<typeof network.create>>["ethers"];
  let harness: IdsHarness;
  beforeAll(async () => {
    ({ ethers } = await network.create());
    harness = (await ethers.deployContract("IdsHarness")) as unknown as IdsHarness;
  });

  const lensOn = async (assay: string) => (await ethers.deployContract("AssayLens", [assay])) as unknown as AssayLens;

  it("17: agree on every id", async () => {
    const onThisChain = vectors.claimIds.filter(({ fields }) => fields.chainId === "31337");
    expect(onThisChain).toHaveLength(1);
    for (const { fields, hash } of onThisChain) {
      const lens = await lensOn(fields.contract!);
      expect(await lens.claimIdOf(fields as never)).toBe(hash);
    }
    const lens = await lensOn(onThisChain[0]!.fields.contract!);
    for (const { fields, hash } of vectors.details) {
      expect(await lens.detailsOf({ ...fields, outcome: fields } as never)).toBe(hash);
    }
    for (const { fields, hash } of vectors.stakeKeys) {
      expect(await lens.stakeKeyOf(fields.challenger!, fields.buildId!, fields.stakeNumber!)).toBe(hash);
    }
    for (const { fields, hash } of vectors.challengeIds) {
      expect(await lens.challengeIdOf(fields.stakeKey!, fields.claimId!)).toBe(hash);
    }
    for (const { fields, hash } of vectors.requestIds) {
      const { requester, buildId, expiry, number } = fields;
      expect(await harness.requestId(requester!, buildId!, expiry!, number!)).toBe(hash);
    }
    for (const { packed, hash } of vectors.challengeWords) {
      expect(await harness.challengeWord(packed as never)).toBe(hash);
    }
  });

  async function pack(name: "packClaim" | "packStake" | "packBuild", all: readonly WordVector[], rest: State) {
    for (const { fields, word, name: which } of all) {
      const state: State = { ...rest, ...fields, ...("several" in fields && { several: fields.several === "1" }) };
      const [packed, again] = (await harness[name](state as never)) as unknown as [bigint, { toObject(): object }];
      expect(packed, `${name} ${which}`).toBe(BigInt(word));
      const read = Object.fromEntries(Object.entries(again.toObject()).map(([field, value]) => [field, String(value)]));
      expect(read).toEqual(Object.fromEntries(Object.entries(state).map(([field, value]) => [field, String(value)])));
    }
  }

  it("agree on every packed word, from which the state comes back", async () => {
    await pack("packClaim", vectors.claimStates, {});
    await pack("packStake", vectors.stakeStates, {});
    const round = { openRoots: "0", firstRootClaims: "0", contradictionEndedAt: "0" };
    const result = { finalizedAt: "0", artifactSize: "0", code: "0", recordVersion: "0" };
    await pack("packBuild", vectors.buildStates, { ...round, ...result });
  });
});
