import { open } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { AssayError } from "../../core/errors.ts";
import { checkValue, parseJson } from "../../core/json.ts";
import { type Level, levels } from "../signedRefsHistory.ts";

/** Of the node's configuration. */
const mostBytes = 2 ** 20;

/** The folder of the local Radicle node: `RAD_HOME`, else `~/.radicle`. */
export function radicleHome(environment: NodeJS.ProcessEnv): string {
  return environment.RAD_HOME || join(environment.HOME || homedir(), ".radicle");
}

/** The Unix socket on which the node takes commands. */
export function controlSocket(environment: NodeJS.ProcessEnv): string {
  return environment.RAD_SOCKET || join(radicleHome(environment), "node", "control.sock");
}

const schema = z.object({
  node: z
    .object({
      fetch: z
        .object({
          signedReferences: z
            .object({ featureLevel: z.object({ minimum: z.enum(levels).optional() }).optional() })
            .optional(),
        })
        .optional(),
    })
    .optional(),
});

/**
 * The least level of signed refs that the node itself takes (`node.fetch.signedReferences.featureLevel.minimum` in its `config.json`);
 * `none` where it does not say.
 * @throws AssayError `radicle/bad-setting`
 */
export async function leastLevel(environment: NodeJS.ProcessEnv): Promise<Level> {
  const file = join(radicleHome(environment), "config.json");
  const refuse = (why: string, cause?: unknown) =>
    new AssayError("radicle/bad-setting", `${file} cannot be used: ${why}`, { file, why }, { cause });
  const text = await readSmallFile(file, refuse);
  if (text === undefined) return "none";
  return (
    checkValue(parseJson(text, refuse), schema, refuse).node?.fetch?.signedReferences?.featureLevel?.minimum ?? "none"
  );
}

async function readSmallFile(
  file: string,
  refuse: (why: string, cause?: unknown) => Error,
): Promise<string | undefined> {
  try {
    const handle = await open(file, "r");
    try {
      const facts = await handle.stat();
      if (!facts.isFile() || facts.size > mostBytes) throw refuse(`it is not a file of at most ${mostBytes} bytes`);
      return await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause instanceof AssayError ? cause : refuse((cause as Error).message, cause);
  }
}
