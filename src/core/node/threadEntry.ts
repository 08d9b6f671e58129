import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/**
 * What starts a thread, whether sources run as they are or compiled.
 * @param from the starting module's `import.meta.url`. @param name of the module beside it, without its ending.
 */
export function threadEntry(from: string, name: string): { readonly url: URL; readonly execArgv?: string[] } {
  if (!from.endsWith(".ts")) return { url: new URL(`./${name}.js`, from) };
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  return { url: new URL(`./${name}.ts`, from), execArgv: ["--import", loader] };
}
