import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { isAssayError } from "../../src/core/errors.ts";
import { parseTaskFile } from "../../src/tasks/taskFile.ts";
import { taskFileJsonSchema } from "../../src/tasks/taskSchema.ts";
import { seed } from "../support/seed.ts";

const takes = new Ajv2020({ strict: false }).compile(taskFileJsonSchema());

function isParsed(value: unknown): boolean {
  try {
    parseTaskFile(stringify(value));
    return true;
  } catch (error) {
    if (!isAssayError(error, "tasks/bad-file")) throw error;
    return false;
  }
}

const odd = fc.constantFrom<unknown>(
  ...[["../a"], ["/a"], ["a b"], { "a-b": "x" }, { "1": "x" }, ["keys"], 2e12, 1e7, 2 ** 24 + 1],
  null,
  true,
  0,
  -1,
  1.5,
  "",
  "x",
  [],
  ["x"],
  {},
  { x: 1 },
  1e13,
  "a".repeat(300),
);
const mostly = <T>(good: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: good as fc.Arbitrary<unknown>, weight: 60 }, { arbitrary: odd, weight: 1 });
const patterns = mostly(fc.array(mostly(fc.constantFrom("main", "v*", "src/**")), { maxLength: 3 }));
const task = fc.record(
  {
    kind: mostly(fc.constantFrom("build", "test")),
    environment: mostly(fc.constantFrom("small", "c", "releaseTarball")),
    run: mostly(fc.constant("make")),
    output: mostly(fc.constant("out.tar")),
    results: mostly(fc.array(mostly(fc.constantFrom("a.xml", "report/*.xml", "a/b-c_d.tap")), { maxLength: 2 })),
    variables: mostly(fc.dictionary(fc.constantFrom("A", "B_1", "c"), mostly(fc.constant("x")), { maxKeys: 2 })),
    tickLimit: mostly(fc.constantFrom(1, 2 ** 30)),
    on: mostly(
      fc.record(
        {
          branches: patterns,
          tags: patterns,
          patches: mostly(fc.boolean()),
          paths: mostly(fc.record({ include: patterns, exclude: patterns }, { requiredKeys: [] })),
        },
        { requiredKeys: [] },
      ),
    ),
    publish: mostly(fc.array(fc.constantFrom("input", "artifact", "log"), { maxLength: 4 })),
    limits: mostly(
      fc.record(
        { seconds: mostly(fc.constantFrom(1, 600_000)), logBytes: mostly(fc.nat(2 ** 24)) },
        { requiredKeys: [] },
      ),
    ),
    unknown: odd,
  },
  { requiredKeys: [] },
);
const often = fc.tuple(fc.integer({ min: 0, max: 9 }), task).map(([n, each]) => {
  if (n === 0) return each;
  const { unknown: _, ...known } = each;
  const { run, output, results, kind, ...rest } = known;
  // As people write it: what belongs together.
  const whole =
    kind === "test"
      ? { kind, run: run ?? "make", ...(results !== undefined && { results }) }
      : { run: run ?? "make", output: output ?? "x" };
  return n < 4 ? { environment: "small", ...known } : { environment: "small", ...rest, ...whole };
});
const files = mostly(
  fc.record(
    {
      version: mostly(fc.constant(1)),
      tasks: mostly(fc.dictionary(fc.constantFrom("a", "b.c", "1"), mostly(often), { maxKeys: 3 })),
    },
    { requiredKeys: ["version"] },
  ),
);

describe("the schema for editors", () => {
  it("is the one in the package", async () => {
    // `npx vitest run --project unit test/tasks/schema.test.ts -u` writes it anew.
    await expect(`${JSON.stringify(taskFileJsonSchema(), null, 2)}\n`).toMatchFileSnapshot("../../schema/tasks.json");
  });

  it("takes what the parser takes, and nothing else", () => {
    let taken = 0;
    fc.assert(
      fc.property(files, (value) => {
        const parsed = isParsed(value);
        if (parsed) taken++;
        expect(takes(value)).toBe(parsed);
      }),
      { seed, numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(50);
  });
});
