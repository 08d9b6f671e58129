import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { seed } from "../support/seed.ts";
import { floatOperand } from "./support/floatFamilies.ts";
import { floatOutcome, type Sources } from "./support/floatOracle.ts";
import { encodings } from "./support/instructionTable.ts";
import { Random } from "./support/random.ts";
import { Single } from "./support/single.ts";

const cases = 250;
const [rd, rs1, rs2, rs3] = [13, 11, 12, 10];
const registers = (rd << 7) | (rs1 << 15) | (rs2 << 20) | (rs3 << 27);
const floats = encodings.filter(({ operation }) => operation === "FLOAT");

/** Operands of both formats, whatever the instruction takes; some that differ in their last bits only, or cancel. */
function sourcesFor(random: Random, double: boolean): Sources {
  const operand = () => BigInt.asUintN(64, floatOperand(random, random.below(16) === 0 ? !double : double));
  const first = operand();
  const sign = BigInt(random.below(2)) << (double ? 63n : 31n);
  const near = () => BigInt.asUintN(64, (first ^ sign) + BigInt(random.below(5) - 2));
  const [second, third] = [random.below(4) === 0 ? near() : operand(), random.below(4) === 0 ? near() : operand()];
  const shifted = random.bits64() >> BigInt(random.below(64));
  return { f: [first, second, third], x: BigInt.asUintN(64, random.below(2) === 0 ? shifted : -shifted) };
}

describe("the result and the flags of", () => {
  it.each(floats)("$name are those of exact arithmetic rounded once, in every rounding mode", (encoding) => {
    const { name, mask, match, rounds } = encoding;
    const random = new Random(seed);
    const single = new Single();
    const { view } = single.machine;
    for (let i = 0; i < cases; i++) {
      const sources = sourcesFor(random, name.includes(".d"));
      for (const mode of rounds === true ? [0, 1, 2, 3, 4] : [0]) {
        // In turn the instruction's own mode and that of frm.
        const dynamic = rounds === true && i % 2 === 1;
        const funct3 = rounds === true ? (dynamic ? 7 : mode) << 12 : 0;
        single.execute((match | ((registers | funct3) & ~mask)) >>> 0, (machine) => {
          sources.f.forEach((bits, index) => {
            view.setBigUint64(address.f + 8 * [rs1, rs2, rs3][index]!, bits, true);
          });
          view.setBigUint64(address.x + 8 * rs1, sources.x, true);
          machine.set("fcsr", dynamic ? BigInt(mode << 5) : 0n);
        });
        const { bits, flags, to } = floatOutcome(name, sources, mode);
        const given = view.getBigUint64(address[to] + 8 * rd, true);
        const raised = Number(single.machine.get("fcsr") & 31n);
        if (given !== bits || raised !== flags) {
          const shown = [...sources.f, sources.x].map((value) => value.toString(16)).join(" ");
          expect.fail(
            `${name} of ${shown}, mode ${mode}: ${given.toString(16)} with flags ${raised}, expected ${bits.toString(16)} with ${flags} (seed ${seed})`,
          );
        }
      }
    }
  });

  it("instructions add their flags to those that are there", () => {
    const single = new Single();
    const divide = floats.find(({ name }) => name === "fdiv.d")!;
    for (let before = 0n; before < 32n; before++) {
      single.execute((divide.match | (registers & ~divide.mask)) >>> 0, (machine) => {
        machine.view.setBigUint64(address.f + 8 * rs2, 0n, true);
        machine.set("fcsr", before);
      });
      expect(single.machine.get("fcsr")).toBe(before | 8n);
    }
  });
});
