import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parameterFile, parameterSets, readParameters } from "../../src/deployment/parameterFile.ts";
import { parseRecord, writeRecord } from "../../src/deployment/record.ts";
import { parseParameters, termsToJson } from "../../src/deployment/terms.ts";
import type { Parameters } from "../../src/protocol/parameters.ts";

const local = await readParameters("local");
const textOf = (terms: object) => JSON.stringify({ Assay: { terms } });
const changed = (change: Partial<Parameters>) => textOf(termsToJson({ ...local, ...change }));
const faultsOf = (text: string): unknown => {
  try {
    return parseParameters(text, "my.json");
  } catch (error) {
    expect(error).toMatchObject({ code: "deployment/bad-parameters", message: expect.stringContaining("my.json") });
    return (error as { details: { faults?: string[] } }).details.faults ?? (error as Error).message;
  }
};

describe("a parameter file", () => {
  it.each(parameterSets)(
    "comes along for %s, obeys the contract's rules, and is written as it was read",
    async (set) => {
      const terms = await readParameters(set);
      expect(textOf(termsToJson(terms))).toBe(JSON.stringify(JSON.parse(await readFile(parameterFile(set), "utf8"))));
    },
  );

  it("is refused with everything that is wrong in it, line by line", () => {
    const { log2Arity: _, ...rest } = termsToJson(local);
    const text = textOf({ ...rest, solverBond: 5, reactionSeconds: 1.5, minResponseSeconds: -1, owner: "0x00" });
    expect(faultsOf(text)).toEqual([
      expect.stringMatching(/^Assay\.terms\.log2Arity: /),
      expect.stringMatching(/^Assay\.terms\.solverBond: /),
      expect.stringMatching(/^Assay\.terms\.minResponseSeconds: /),
      expect.stringMatching(/^Assay\.terms\.reactionSeconds: /),
      expect.stringMatching(/^Assay\.terms: .*"owner"/),
    ]);
  });

  it("is refused with every rule of the contract that it breaks, and why there is that rule", () => {
    const terms = { burnPermille: 400, maxCommitAgeSeconds: 700, gasPriceCeilingWei: 10n ** 12n };
    expect(faultsOf(changed(terms))).toEqual([
      expect.stringMatching(/^burnPermille: 400 is not between 500 and 999 \(at least half of a lost bond burns/),
      expect.stringMatching(/^baseWindowSeconds: 600 is not between 700 and \d+ \(/),
      expect.stringMatching(/^paid share of solverBond: .*raise the bond or lower the ceiling/),
      expect.stringMatching(/^paid share of challengerBond: /),
    ]);
  });

  it.each(["", "{", "[]", "null", '{"Assay":{}}', `{"Assay":{"terms":${"[".repeat(5000)}`, "\u0000"])(
    "is refused when it is %j",
    (text) => {
      expect(faultsOf(text)).toBeDefined();
    },
  );

  it("that cannot be read is named with its place", async () => {
    await expect(readParameters("/nonexistent/terms.json")).rejects.toMatchObject({
      code: "deployment/bad-parameters",
      message: expect.stringMatching(/nonexistent\/terms\.json.*local, testnet, l2, mainnet/),
    });
  });
});

describe("a deployment's file", () => {
  const hash = (digit: string) => `0x${digit.repeat(64)}`;
  const contract = (digit: string) => ({
    address: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    transaction: hash(digit),
    block: 7,
    codeHash: hash("c"),
  });
  const record = {
    version: 1,
    chainId: 11155111,
    genesis: hash("0"),
    machineVersion: 1,
    deploymentBlock: 7,
    deployer: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    contracts: { stepVerifier: contract("1"), assay: contract("2"), lens: contract("3") },
    parameters: local,
  } as const;

  it("reads as it was written", () => {
    expect(parseRecord(writeRecord(record), "1.json")).toEqual(record);
  });

  it.each([
    ["another version", { version: 2 }, /version/],
    ["no chain", { chainId: 0 }, /chainId/],
    ["a bad address", { deployer: "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266" }, /deployer: is not an address/],
    ["a hash in capitals", { genesis: `0x${"A".repeat(64)}` }, /genesis: is not 0x and 64/],
    ["a contract too few", { contracts: { assay: contract("1") } }, /contracts\.stepVerifier.*contracts\.lens/],
    ["something more", { note: "trust me" }, /"note"/],
  ])("is refused with %s", (_, change, named) => {
    const text = JSON.stringify({ ...JSON.parse(writeRecord(record)), ...change });
    const expected = { code: "deployment/bad-record", message: expect.stringMatching(named) };
    expect(() => parseRecord(text, "1.json")).toThrowError(expect.objectContaining(expected));
  });
});
