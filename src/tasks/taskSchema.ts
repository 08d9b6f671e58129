import { z } from "zod";
import { defaultTriggers, publishable } from "./task.ts";

/** Where a project says what is to be built and tested. */
export const taskFilePath = ".assay/tasks.yaml";
export const mostTasks = 64;
/** As far as any environment's own limit goes. */
const mostTicks = 1e12;
const mostSeconds = 7 * 24 * 3600;
/** Of a log that is kept and published. */
export const mostLogBytes = 2 ** 24;

const patterns = z.array(z.string().min(1).max(255)).max(64);
const resultPattern = z
  .string()
  .max(255)
  .regex(
    /^(?!\/)(?!.*\.\.)[A-Za-z0-9._*/-]+$/,
    "is not a path in the source's folder, of letters, digits, `.`, `_`, `-`, `/` and `*`",
  );

const triggers = z.strictObject({
  branches: patterns.describe("Patterns of branches: `*` stands for anything but `/`, `**` for anything.").optional(),
  tags: patterns.describe("Patterns of tags.").optional(),
  patches: z
    .boolean()
    .describe("Whether it is for pull and merge requests, where an agent follows them (`--patches`).")
    .optional(),
  paths: z
    .strictObject({ include: patterns.optional(), exclude: patterns.optional() })
    .describe("Only commits that change a path which `include` has (all if it is missing) and `exclude` has not.")
    .optional(),
});

/** What zod's `refine` below says, for editors. */
const commandRules = {
  anyOf: [
    { properties: { kind: { const: "test" } }, required: ["kind", "run"] },
    {
      properties: { kind: { const: "build" }, results: false },
      dependentRequired: { output: ["run"] },
    },
  ],
};

const task = z
  .strictObject({
    kind: z.enum(["build", "test"]).describe("`build` when missing.").default("build"),
    environment: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,80}$/, "is not the name or id of an environment")
      .describe("Name or id of an environment (`assay env list`), or `releaseTarball`."),
    run: z
      .string()
      .min(1)
      .max(65_536)
      .describe("Guests: a shell command, in the source's folder. Part of the build id.")
      .optional(),
    output: z.string().min(1).max(4096).describe("Guests: path of the artifact that `run` leaves.").optional(),
    results: z
      .array(resultPattern)
      .max(16)
      .describe("Tests: files with their results, as JUnit XML or TAP. TAP on the console needs no line here.")
      .optional(),
    variables: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is not the name of a variable"), z.string().max(65_536))
      .describe("Guests: environment variables of the command.")
      .default({}),
    tickLimit: z.int().positive().max(mostTicks).describe("Guests: most ticks. Part of the build id.").optional(),
    on: triggers
      .describe(`For which commits it is; branches ${defaultTriggers.branches.join(" and ")} when nothing is named.`)
      .optional(),
    publish: z
      .array(z.enum(publishable))
      .max(publishable.length)
      .describe("What is published beside the signed result; everything when missing.")
      .optional(),
    limits: z
      .strictObject({
        seconds: z.int().positive().max(mostSeconds).describe("Most seconds of a run.").optional(),
        logBytes: z.int().nonnegative().max(mostLogBytes).describe("A log that is longer is not published.").optional(),
      })
      .describe("Besides the agent's own limits. No part of the build.")
      .default({}),
  })
  .superRefine(({ kind, run, output, results }, context) => {
    const refuse = (message: string) => context.addIssue({ code: "custom", message });
    if (kind === "test") {
      if (run === undefined) refuse("a test needs a command: run");
      return;
    }
    if (run === undefined && output !== undefined) refuse("output is what a command leaves: run");
    if (results !== undefined) refuse("results are those of a test: kind is missing, or another");
  })
  .meta(commandRules);

/** The file as it is written. */
export const taskFileSchema = z.strictObject({
  version: z.literal(1),
  tasks: z
    .record(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "is not a name of letters, digits, dots and dashes"),
      task,
    )
    .refine((tasks) => Object.keys(tasks).length <= mostTasks, `are more than ${mostTasks}`)
    .refine((tasks) => Object.keys(tasks).length > 0, "are none")
    .meta({ minProperties: 1, maxProperties: mostTasks }),
});

/** The JSON Schema of the file, for editors: it takes what the parser takes. */
export function taskFileJsonSchema(): object {
  return {
    ...z.toJSONSchema(taskFileSchema, { io: "input" }),
    title: `Tasks of a project (${taskFilePath})`,
    description: "Builds and tests that agents run in Assay's deterministic machine: docs/following.md.",
  };
}
