import { describe, expect, it } from "vitest";
import { checkFaultsAllowed, parseFault } from "../../../src/agents/faults/injectedFault.ts";

describe("an injected fault", () => {
  it.each([
    ["memory@3:17", { kind: "memory", index: undefined, tick: 3, step: 17 }],
    ["register@0", { kind: "register", index: undefined, tick: 0, step: 1 }],
    ["stack/40@2:0", { kind: "stack", index: 40, tick: 2, step: 1 }],
    ["global@999999999999:4", { kind: "global", index: undefined, tick: 999_999_999_999, step: 4 }],
    ["record", { kind: "record" }],
    ["steps@7", { kind: "steps", tick: 7 }],
    ["withhold@2", { kind: "withhold", round: 2 }],
    ["silent@0", { kind: "silent", round: 0 }],
  ] as const)("is written %s", (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  it.each([
    "",
    "memory",
    "memory@",
    "memory@-1",
    "memory@1:x",
    "record@3",
    "silent@1:2",
    "nonsense@1",
    "MEMORY@1",
    "silent/1@2",
    "record/1",
  ])("is not written %j", (text) => {
    expect(() => parseFault(text)).toThrowError(expect.objectContaining({ code: "agents/bad-fault" }));
  });

  it("is refused on any chain that is not local", () => {
    const faults = [parseFault("record")];
    expect(() => checkFaultsAllowed(1n, faults)).toThrowError(
      expect.objectContaining({ code: "agents/fault-refused" }),
    );
    expect(() => checkFaultsAllowed(11155111n, faults)).toThrowError();
    checkFaultsAllowed(31337n, faults);
    checkFaultsAllowed(1n, []);
  });
});
