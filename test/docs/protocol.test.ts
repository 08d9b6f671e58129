import { readdirSync, readFileSync } from "node:fs";
import { formatEther, formatUnits } from "ethers";
import { describe, expect, it } from "vitest";
import { parseParameters } from "../../src/deployment/terms.ts";
import { delays, hourPrice } from "../../src/protocol/delays.ts";
import {
  claimWindowSeconds,
  disputeSeconds,
  finalityBoundSeconds,
  maxLog2Ticks,
  type Parameters,
  rewardBoundSeconds,
} from "../../src/protocol/parameters.ts";

const folder = new URL("../../deploy/parameters/", import.meta.url);
const text = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");

const readTerms = (file: string): Parameters => parseParameters(readFileSync(new URL(file, folder), "utf8"), file);

/** The most gas that a build may cost its solver: a target of `npm run bench`, which the README shows. */
const buildGas = BigInt(
  /`build\.gas` \|.*\| ≤ ([\d,]+) /.exec(readFileSync("README.md", "utf8"))![1]!.replaceAll(",", ""),
);

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

    it(`has what the ${name} parameters cost and when they pay`, () => {
      const window = (log2Ticks: number) => claimWindowSeconds(terms, log2Ticks);
      const lengths = Array.from({ length: maxLog2Ticks + 1 }, (_, log2Ticks) => log2Ticks);
      const cells = [
        formatEther(terms.solverBond),
        formatEther(terms.challengerBond),
        hours(window(16)),
        `2^${lengths.findLast((log2Ticks) => window(log2Ticks) <= terms.maxWindowSeconds)}`,
        formatUnits(terms.gasPriceCeilingWei, "gwei").replace(".0", ""),
        formatEther(buildGas * terms.gasPriceCeilingWei),
        Number(formatEther(hourPrice(terms, 16))).toPrecision(2),
        `${(rewardBoundSeconds(terms) / 86_400).toFixed(1)} days`,
      ];
      expect(text).toContain(`| ${name} | ${cells.join(" | ")} |`);
      expect(rewardBoundSeconds(terms)).toBeLessThan(9 * 86_400);
    });
  }

  it("names every parameter", () => {
    const names = Object.keys(readTerms("local.json")).map((name) => name.replace(/(Seconds|Microseconds|Wei)$/, ""));
    for (const name of names) expect(text).toContain(`\`${name}\``);
  });
});
