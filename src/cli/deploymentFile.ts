import { readFileSync } from "node:fs";
import { AssayError } from "../core/errors.ts";
import { type DeploymentRecord, parseRecord } from "../deployment/record.ts";

/**
 * Reads the file of a deployment.
 * @throws AssayError `deployment/bad-record`
 */
export function readDeploymentFile(file: string): DeploymentRecord {
  const record = findDeploymentFile(file);
  if (record !== undefined) return record;
  const message = `there is no deployment file ${file}: \`assay deploy\` writes one, and those who deployed publish it`;
  throw new AssayError("deployment/bad-record", message, { file });
}

/** The same, or undefined when there is no such file. */
export function findDeploymentFile(file: string): DeploymentRecord | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new AssayError("deployment/bad-record", `cannot read the deployment ${file}`, { file }, { cause });
  }
  return parseRecord(text, file);
}
