import { parseDocument, stringify } from "yaml";
import { type Policy, policyOf } from "../../../client/policy/policy.ts";
import { AssayError } from "../../../core/errors.ts";

const mostCharacters = 2 ** 18;
const name = "the policy";

/**
 * Reads a policy as it is written, YAML or JSON.
 * @throws AssayError `client/bad-policy`
 */
export function policyIn(text: string): Policy {
  const refuse = (why: string, cause?: unknown) =>
    new AssayError("client/bad-policy", `${name}: ${why}`, { file: name }, { cause });
  if (text.length > mostCharacters) throw refuse(`it has more than ${mostCharacters} characters`);
  const document = parseDocument(text, { uniqueKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw refuse(`it is not YAML: ${fault.message.split("\n", 1)[0]}`, fault);
  return policyOf(document.toJS({ maxAliasCount: 0 }), name);
}

export function textOf(policy: Policy): string {
  return stringify(JSON.parse(JSON.stringify(policy)), { lineWidth: 0 });
}
