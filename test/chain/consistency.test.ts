import { Interface, keccak256, toBeHex } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consistencyFor } from "../../src/chain/consistency.ts";
import { History } from "../../src/chain/history.ts";
import type { Root } from "../../src/core/bytes.ts";
import { detailsHash } from "../../src/protocol/claim.ts";
import { hashWords } from "../../src/protocol/hash.ts";
import { claimTag } from "../../src/protocol/tags.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";
import { seed } from "../support/seed.ts";

const abi = new Interface(IAssay__factory.abi);
const assay = `0x${"22".repeat(20)}`;
const solver = `0x${"11".repeat(20)}`;
const chainId = 5n;
const root = (n: number): Root => toBeHex(n, 32) as Root;
const outcome = { endStatus: 2, code: 0, recordVersion: 1, artifactSize: 7n, artifactSha256: root(9) };

/** The log of a revealed claim as the contract writes it: it hashes the locator's bytes, whatever they are. */
function revealLog(locator: Uint8Array) {
  const locatorHash = keccak256(locator) as Root;
  const details = { salt: root(3), checkpointRoot: root(4), log2CheckpointTicks: 0, locatorHash, outcome };
  const hash = detailsHash(details);
  const claimId = hashWords(claimTag, chainId, BigInt(assay), BigInt(solver), root(1), root(2), 6, hash);
  // The bytes take the place of a text of the same length.
  const placeholder = "x".repeat(locator.length);
  const fields = [root(1), root(2), 6, 0, root(4), placeholder];
  const end = [2, 0, 1, 7n, root(9)];
  const values = [claimId, root(1), solver, fields, root(3), end, 1000, 1000, true];
  const { topics, data } = abi.encodeEventLog("ClaimRevealed", values);
  const bytes = Buffer.from(locator).toString("hex");
  const changed = data.replace(Buffer.from(placeholder).toString("hex"), bytes);
  const place = { address: assay, blockNumber: 1, blockHash: root(1), index: 0, transactionHash: root(1) };
  return { claimId, locatorHash, log: { ...place, topics, data: changed } };
}

const isConsistent = consistencyFor(chainId, assay);

describe("a revealed claim", () => {
  it.each([
    ["a byte order mark", new Uint8Array([0xef, 0xbb, 0xbf, 0x61])],
    ["no UTF-8", new Uint8Array([0xff, 0x61])],
    ["a surrogate", new Uint8Array([0xed, 0xa0, 0x80])],
    ["a zero", new Uint8Array([0x61, 0x00, 0x62])],
  ])("whose locator has %s is shown to the contract as the contract hashed it (attack 79)", (_, locator) => {
    const { claimId, locatorHash, log } = revealLog(locator);
    expect(isConsistent(log)).toBe(true);
    const history = new History();
    history.apply(log, 1);
    const claim = history.claims.get(claimId)!;
    expect(claim.details.locatorHash).toBe(locatorHash);
    expect(claim.reference.details).toBe(detailsHash(claim.details));
  });

  it("is true to itself whatever its locator holds, and not when any bit of it is another", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 256 }), fc.nat(), (locator, at) => {
        const { log } = revealLog(locator);
        expect(isConsistent(log)).toBe(true);
        const { data } = log;
        // The first and the last state's roots stand behind ten words.
        const position = 2 + 64 * 10 + (at % 128);
        const digit = (Number.parseInt(data[position]!, 16) ^ 1).toString(16);
        const changed = { ...log, data: `${data.slice(0, position)}${digit}${data.slice(position + 1)}` };
        expect(isConsistent(changed)).toBe(false);
      }),
      { seed, numRuns: 200 },
    );
  });
});
