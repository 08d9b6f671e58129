import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import { AssayError } from "../../core/errors.ts";
import { absoluteUrl } from "../../core/node/fileUrl.ts";
import { type Policy, policyOf } from "../policy/policy.ts";

/** Much more than a policy needs; references within YAML could make it larger. */
const mostCharacters = 2 ** 20;

/**
 * Reads a policy (`docs/policy.md`). `file:` addresses and files of evidence in it are relative to the file.
 * @throws AssayError `client/bad-policy`
 */
export async function readPolicy(file: string): Promise<Policy> {
  const refuse = (why: string, cause?: unknown) =>
    new AssayError("client/bad-policy", `${file}: ${why}`, { file }, { cause });
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw refuse("it cannot be read", cause);
  }
  if (text.length > mostCharacters) throw refuse(`it has more than ${mostCharacters} characters`);
  const document = parseDocument(text, { uniqueKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw refuse(`it is not YAML: ${fault.message.split("\n", 1)[0]}`, fault);
  const policy = policyOf(document.toJS({ maxAliasCount: 0 }), file);
  const folder = dirname(resolve(file));
  const evidence = Object.entries(policy.evidence ?? {}).map(([name, rule]) => {
    const { key, root } = rule;
    return [name, { ...rule, ...(key && { key: resolve(folder, key) }), ...(root && { root: resolve(folder, root) }) }];
  });
  return {
    ...policy,
    ...(policy.evidence !== undefined && { evidence: Object.fromEntries(evidence) as Policy["evidence"] }),
    from: policy.from.map((url) => absoluteUrl(url, folder)),
  };
}
