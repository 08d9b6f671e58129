import { z } from "zod";
import { quote } from "../core/shellQuoting.ts";
import { defaultTriggers, publishable, type Task } from "./task.ts";
import { badFile, parseYaml } from "./taskFile.ts";

/** Where a project describes its tests for the native adapter of Radicle's CI broker, and for that of Ambient CI. */
export const nativePath = ".radicle/native.yaml";
export const ambientPath = ".radicle/ambient.yaml";

/** A file's tasks as far as they can be run here, and what of it cannot. */
export interface MappedTasks {
  readonly tasks: readonly Task[];
  /** Each part that is left out, by its name, and why. */
  readonly unmapped: readonly string[];
}

/** It has the compilers, make and bash. */
const environment = "c";
const shell = z.string().min(1).max(65_536);
const nativeSchema = z.looseObject({ shell });
const action = z.looseObject({ action: z.string().min(1).max(100), shell: shell.optional() });
const actions = z.array(action).max(256).default([]);
const ambientSchema = z.looseObject({ plan: actions, pre_plan: actions, post_plan: actions });

/** @throws AssayError `tasks/bad-file` */
export function parseNative(text: string): MappedTasks {
  const { shell: script, ...others } = parseYaml(text, nativeSchema, nativePath);
  return {
    tasks: [testOf("native", [script])],
    unmapped: Object.keys(others).map((field) => `${nativePath}: ${field}: is not known here`),
  };
}

/** @throws AssayError `tasks/bad-file`, also where no action can be run here. */
export function parseAmbient(text: string): MappedTasks {
  const { plan, pre_plan: before, post_plan: after, ...others } = parseYaml(text, ambientSchema, ambientPath);
  const scripts = plan.flatMap((each) => (each.action === "shell" && each.shell !== undefined ? [each.shell] : []));
  const named = (list: string, all: typeof plan, why: string) =>
    all.map((each, i) => `${ambientPath}: ${list}.${i}: the action ${JSON.stringify(each.action)} ${why}`);
  const unmapped = [
    ...named("pre_plan", before, "is for outside of the machine, which has no network"),
    ...plan.flatMap((each, i) =>
      each.action === "shell" && each.shell !== undefined
        ? []
        : [`${ambientPath}: plan.${i}: the action ${JSON.stringify(each.action)} is not run here: only "shell" is`],
    ),
    ...named("post_plan", after, "is for outside of the machine"),
    ...Object.keys(others).map((field) => `${ambientPath}: ${field}: is not known here`),
  ];
  if (scripts.length === 0) throw badFile(ambientPath, ["no action of its plan can be run here", ...unmapped]);
  return { tasks: [testOf("ambient", scripts)], unmapped };
}

/** Each script in a bash of its own, as their adapters run them; the first that fails ends the test. */
function testOf(name: string, scripts: readonly string[]): Task {
  const run = scripts.map((script) => `bash -euo pipefail -c ${quote(script)}`).join(" &&\n");
  return {
    ...{ name, kind: "test", environment, run },
    ...{ results: [], variables: {}, on: defaultTriggers, publish: publishable, limits: {} },
  };
}
