import { z } from "zod";
import type { KeyId } from "../attestation/keys.ts";
import { checkValue } from "../core/json.ts";
import { badDocument, type Document, did, projectOf } from "./document.ts";
import type { ObjectId } from "./ids.ts";
import { mostDelegates, mostRules } from "./limits.ts";
import { isRefPattern } from "./refName.ts";
import { comparePatterns, fitsPattern } from "./refPattern.ts";

/** Which refs are canonical: those on which so many of these keys agree. */
export interface Rule {
  readonly pattern: string;
  readonly allow: readonly KeyId[];
  readonly threshold: number;
}

/** The rules of a repository, the most specific first. */
export interface Rules {
  readonly defaultBranch: string;
  readonly rules: readonly Rule[];
}

const keys = z
  .array(did)
  .min(1)
  .max(2 * mostDelegates)
  .transform((list) => [...new Set(list)]);
const schema = z.object({
  rules: z.record(
    z
      .string()
      .refine((text) => isRefPattern(text) && !/[{}!]/.test(text), "is not the pattern of a ref")
      .refine(
        (text) => text !== "refs/rad" && !text.startsWith("refs/rad/"),
        "is protected: the refs below refs/rad are the node's",
      ),
    z.object({ allow: z.union([z.literal("delegates"), keys]), threshold: z.int().min(1).max(mostDelegates) }),
  ),
});

/**
 * The rules for canonical refs that a document gives (`xyz.radicle.crefs`), with the one for the default branch, which is made from the
 * document and which no other may touch.
 * @param blob the document's id, for errors.
 * @throws AssayError `radicle/bad-document`
 */
export function rulesOf(document: Document, blob: ObjectId): Rules {
  const defaultBranch = `refs/heads/${projectOf(document, blob).defaultBranch}`;
  const refuse = (why: string, cause?: unknown) => badDocument(blob, `xyz.radicle.crefs: ${why}`, cause);
  const payload = document.payload["xyz.radicle.crefs"];
  const given = payload === undefined ? {} : checkValue(payload, schema, refuse).rules;
  const rules: Rule[] = [{ pattern: defaultBranch, allow: document.delegates, threshold: document.threshold }];
  for (const [pattern, { allow, threshold }] of Object.entries(given)) {
    const who = allow === "delegates" ? document.delegates : allow;
    if (who.length > mostDelegates) throw refuse(`${pattern}: allow: are more than ${mostDelegates}`);
    if (threshold > who.length) throw refuse(`${pattern}: threshold: is more than may vote`);
    if (fitsPattern(pattern, defaultBranch))
      throw refuse(`${pattern}: fits the default branch, whose rule is the document's own`);
    if (rules.length > mostRules) throw refuse(`are more than ${mostRules} rules`);
    rules.push({ pattern, allow: who, threshold });
  }
  return { defaultBranch, rules: rules.sort((a, b) => comparePatterns(a.pattern, b.pattern)) };
}

/** The rule for a ref: the most specific that fits. */
export function ruleFor({ rules }: Rules, name: string): Rule | undefined {
  return rules.find(({ pattern }) => fitsPattern(pattern, name));
}
