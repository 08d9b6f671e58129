import { describe, expect, it } from "vitest";
import { asRoot } from "../../scripts/guest/toolchain.ts";

describe("packages that a guest is built with", () => {
  it("are installed by root, or with sudo", () => {
    expect(asRoot(["bc"], 0, false)).toEqual([]);
    expect(asRoot(["bc"], 1000, true)).toEqual(["sudo"]);
  });

  it("are named where nobody can install them, with the other way to an environment", () => {
    const refusal = expect.objectContaining({
      status: 3,
      message: expect.stringMatching(/neither root nor sudo .*: bc flex\. .*assay env import <file>/),
    });
    expect(() => asRoot(["bc", "flex"], 1000, false)).toThrowError(refusal);
  });
});
