import { describe, expect, it } from "vitest";
import { validateParameters } from "../../src/protocol/parameters.ts";
import { gameParameters } from "../support/game/gameParameters.ts";

describe("parameters", () => {
  it.each([
    ["stepsPerSecond", 0.5],
    ["baseWindowSeconds", Number.NaN],
    ["solverDisputeGas", 2 ** 53],
  ])("must be whole numbers: %s is not %d", (name, value) => {
    expect(() => validateParameters({ ...gameParameters, [name]: value })).toThrow(`${name} must be a whole number`);
  });
});
