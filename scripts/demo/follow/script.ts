import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** How a script in this folder is started by a party. */
export function scriptProgram(name: string): readonly string[] {
  return [process.execPath, "--import", loader, fileURLToPath(new URL(name, import.meta.url))];
}
