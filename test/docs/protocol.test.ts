import { readdirSync, readFileSync } from "node:fs";
import { formatEther } from "ethers";
import { describe, expect, it } from "vitest";
import { delays } from "../../src/protocol/delays.ts";
import {
  claimWindowSeconds,
  disputeSeconds,
  finalityBoundSeconds,
  type Parameters,
  validateParameters,
} from "../../src/protocol/parameters.ts";

const folder = new URL("../../deploy/parameters/", import.meta.url);
const text = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");

/** Ignition writes a large number as a string that ends in n. */
function readTerms(file: string): Parameters {
  const { terms } = JSON.parse(readFileSync(new URL(file, folder), "utf8")).Assay;
  const entries = Object.entries(terms as Record<string, number | string>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === "string" ? BigInt(value.slice(0, -1)) : value]),
  ) as unknown as Parameters;
}

/** Seconds in hours with one decimal, or 0. */
function hours(seconds: number): string {
  return seconds === 0 ? "nothing" : `${(seconds / 3600).toFixed(1)} h`;
}

describe("docs/protocol.md", () => {
  for (const file of readdirSync(folder)) {
    const terms = readTerms(file);
    const name = file.replace(".json", "");

    it(`has the durations that follow from the ${name} parameters`, () => {
      for (const log2Ticks of [8, 16]) {
        const durations = [
          claimWindowSeconds(terms, log2Ticks),
          disputeSeconds(terms, log2Ticks),
          finalityBoundSeconds(terms, log2Ticks),
        ];
        expect(text).toContain(`| ${name} | 2^${log2Ticks} | ${durations.join(" | ")} |`);
      }
    });

    it(`has every way to delay finality, with price and length, under the ${name} parameters`, () => {
      for (const { name: way, price, seconds, repeats } of delays(terms, 16)) {
        expect(text).toContain(`| ${name}: ${way} | ${formatEther(price)} | ${hours(seconds)} | ${repeats} |`);
      }
    });

    it(`tells of ${name} parameters that can be deployed`, () => {
      expect(() => validateParameters(terms)).not.toThrow();
    });
  }

  it("names every parameter", () => {
    const names = Object.keys(readTerms("local.json")).map((name) => name.replace(/(Seconds|Microseconds|Wei)$/, ""));
    for (const name of names) expect(text).toContain(`\`${name}\``);
  });
});
