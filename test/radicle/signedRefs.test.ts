import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRefName } from "../../src/radicle/refName.ts";
import { compareRefs, compareUtf8, formatRefs, parseRefs, type Refs } from "../../src/radicle/signedRefs.ts";
import { people } from "../support/radicleStorage.ts";
import { seed } from "../support/seed.ts";

const { node } = people[0]!;
const bytes = (text: string) => new TextEncoder().encode(text);
const id = fc.stringMatching(/^[0-9a-f]{40}$/).filter((text) => !/^0+$/.test(text));
const name = fc
  .array(
    fc.oneof(fc.stringMatching(/^[a-zA-Z0-9@.-]{1,8}$/), fc.string({ unit: "binary", minLength: 1, maxLength: 4 })),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => `refs/${parts.join("/")}`)
  .filter((text) => isRefName(text) && text !== "refs/rad/sigrefs");
const refs: fc.Arbitrary<Refs> = fc
  .uniqueArray(fc.tuple(name, id), { selector: ([ref]) => ref, maxLength: 12 })
  .map((list) => new Map(list));

describe("a list of refs", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(refs, (given) => {
        expect(new Map([...parseRefs(formatRefs(given), node)].sort())).toEqual(new Map([...given].sort()));
      }),
      { seed },
    );
  });

  it("has no other text: whatever is read is written as it was", () => {
    fc.assert(
      fc.property(refs, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, where, change) => {
        const list = formatRefs(given);
        if (list.length === 0) return;
        list[where % list.length]! ^= change;
        let read: Refs;
        try {
          read = parseRefs(list, node);
        } catch (error) {
          expect(error).toMatchObject({ code: "radicle/bad-refs" });
          return;
        }
        expect(formatRefs(read)).toEqual(list);
      }),
      { seed, numRuns: 1000 },
    );
  });

  const [a, b] = ["a".repeat(40), "b".repeat(40)];
  it.each([
    ["no end of its last line", `${a} refs/heads/a`],
    ["carriage returns", `${a} refs/heads/a\r\n`],
    ["another order", `${a} refs/heads/b\n${a} refs/heads/a\n`],
    ["a ref twice", `${a} refs/heads/a\n${b} refs/heads/a\n`],
    ["a ref that leads to nothing", `${"0".repeat(40)} refs/heads/a\n`],
    ["itself", `${a} refs/rad/sigrefs\n`],
    ["capitals in an id", `${a.toUpperCase()} refs/heads/a\n`],
    ["a short id", `${a.slice(1)} refs/heads/a\n`],
    ["two spaces", `${a}  refs/heads/a\n`],
    ["a name that is no ref's", `${a} heads/a\n`],
    ["a name that leads out", `${a} refs/heads/../../x\n`],
    ["an empty line", `${a} refs/heads/a\n\n`],
  ])("is refused with %s", (_, text) => {
    expect(() => parseRefs(bytes(text), node)).toThrow(expect.objectContaining({ code: "radicle/bad-refs" }));
  });

  it("is refused beyond its bounds, in little time", () => {
    expect(() => parseRefs(new Uint8Array(2 ** 23 + 1), node)).toThrow(
      expect.objectContaining({ code: "radicle/too-large" }),
    );
    const long = Array.from({ length: 2 ** 16 + 1 }, (_, at) => `${a} refs/x/${String(at).padStart(6, "0")}\n`).join(
      "",
    );
    expect(() => parseRefs(bytes(long), node)).toThrow(expect.objectContaining({ code: "radicle/too-large" }));
  });

  it("is in the order of bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (one, other) => {
        expect(Math.sign(compareUtf8(one, other))).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)));
      }),
      { seed, numRuns: 1000 },
    );
  });
});

describe("what is there and what is signed", () => {
  it("are compared in both directions", () => {
    fc.assert(
      fc.property(refs, fc.nat(), id, (signed, where, other) => {
        compareRefs(node, signed, new Map([...signed, ["refs/rad/sigrefs-parent", other]]));
        compareRefs(node, new Map([...signed, ["refs/rad/sigrefs", other], ["refs/tmp/heads/x", other]]), signed);
        const ref = [...signed.keys()][where % signed.size];
        if (ref === undefined || ref.startsWith("refs/tmp/heads/")) return;
        const without = new Map(signed);
        without.delete(ref);
        const differ = (why: string) =>
          expect.objectContaining({ code: "radicle/refs-differ", details: { node, ref, why } });
        expect(() => compareRefs(node, without, signed)).toThrow(differ("missing"));
        expect(() => compareRefs(node, signed, without)).toThrow(differ("unsigned"));
        if (signed.get(ref) !== other) {
          expect(() => compareRefs(node, new Map([...signed, [ref, other]]), signed)).toThrow(differ("other"));
        }
      }),
      { seed },
    );
  });
});
