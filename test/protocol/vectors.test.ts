import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Root } from "../../src/core/bytes.ts";
import {
  type Challenge,
  challengeIdOf,
  challengeWord,
  packChallenge,
  stakeKeyOf,
  unpackChallenge,
} from "../../src/protocol/challenge.ts";
import { type Address, claimIdOf, detailsHash, requestIdOf } from "../../src/protocol/claim.ts";
import { type ProtocolVectors, protocolVectors } from "../support/protocolVectors.ts";

const file = new URL("../vectors/protocol.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as ProtocolVectors;
type Fields = Readonly<Record<string, string>>;
const root = (fields: Fields, name: string) => fields[name] as Root;
const address = (fields: Fields, name: string) => fields[name] as Address;

function challengeIn(fields: Fields): Challenge {
  const number = (name: string) => Number(fields[name]);
  return {
    id: root(fields, "id"),
    challenger: address(fields, "challenger"),
    solver: address(fields, "solver"),
    range: {
      level: fields.level === "0" ? "ticks" : "steps",
      tick: number("tick"),
      from: number("from"),
      log2Length: number("log2Length"),
    },
    startRoot: root(fields, "startRoot"),
    endRoot: root(fields, "endRoot"),
    row: root(fields, "row"),
    since: number("since"),
    solverLeft: number("solverLeft"),
    challengerLeft: number("challengerLeft"),
  };
}

describe("test/vectors/protocol.json", () => {
  it("is what its description gives: run scripts/generateVectors.ts if it has changed on purpose", () => {
    expect(vectors).toEqual(protocolVectors());
  });

  it("17: holds for every id that clients compute", () => {
    for (const { fields, hash } of vectors.claimIds) {
      const claim = {
        solver: address(fields, "solver"),
        buildId: root(fields, "buildId"),
        finalRoot: root(fields, "finalRoot"),
        log2Ticks: BigInt(fields.log2Ticks!) as never,
        details: root(fields, "details"),
      };
      expect(claimIdOf(BigInt(fields.chainId!), fields.contract!, claim)).toBe(hash);
    }
    for (const { fields, hash } of vectors.details) {
      const outcome = {
        endStatus: Number(fields.endStatus),
        code: Number(fields.code),
        recordVersion: Number(fields.recordVersion),
        artifactSize: BigInt(fields.artifactSize!),
        artifactSha256: root(fields, "artifactSha256"),
      };
      const details = {
        salt: root(fields, "salt"),
        checkpointRoot: root(fields, "checkpointRoot"),
        log2CheckpointTicks: BigInt(fields.log2CheckpointTicks!) as never,
        locatorHash: root(fields, "locatorHash"),
        outcome,
      };
      expect(detailsHash(details)).toBe(hash);
    }
    for (const { fields, hash } of vectors.stakeKeys) {
      const { challenger, buildId, stakeNumber } = fields;
      expect(stakeKeyOf(challenger as Address, buildId as Root, BigInt(stakeNumber!))).toBe(hash);
    }
    for (const { fields, hash } of vectors.challengeIds) {
      expect(challengeIdOf(root(fields, "stakeKey"), root(fields, "claimId"))).toBe(hash);
    }
    for (const { fields, hash } of vectors.requestIds) {
      const [requester, buildId] = [address(fields, "requester"), root(fields, "buildId")];
      const made = { requester, buildId, expiry: Number(fields.expiry), number: BigInt(fields.number!) };
      expect(requestIdOf(made)).toBe(hash);
    }
  });

  it("holds for every challenge, which comes back from its packed words", () => {
    for (const { fields, packed, hash } of vectors.challengeWords) {
      const challenge = challengeIn(fields);
      expect(challengeWord(challenge)).toBe(hash);
      const words = packChallenge(challenge);
      expect(Object.fromEntries(Object.entries(words).map(([name, word]) => [name, String(word)]))).toEqual(packed);
      expect(unpackChallenge(words)).toEqual(challenge);
    }
  });

  it("has tags that differ, as the first word of every preimage", () => {
    const { claimIds, details, stakeKeys, challengeIds, challengeWords, requestIds } = vectors;
    const all = [claimIds, details, stakeKeys, challengeIds, challengeWords, requestIds];
    expect(new Set(all.map(([first]) => first!.preimage.slice(0, 66))).size).toBe(6);
  });
});
