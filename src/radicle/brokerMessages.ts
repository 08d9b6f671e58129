import { z } from "zod";
import { parseStrictJson } from "../attestation/strictJson.ts";
import { AssayError } from "../core/errors.ts";
import { checkValue } from "../core/json.ts";
import { firstDocumentIn, isObjectId, type ObjectId, type RepositoryId } from "./ids.ts";
import { mostLineCharacters } from "./limits.ts";
import { isRefName } from "./refName.ts";

/** What the CI broker asks an adapter for: a run on one commit. */
export interface RunRequest {
  readonly repository: RepositoryId;
  /** As the node knows it; its identity document decides too. */
  readonly isPrivate: boolean;
  readonly commit: ObjectId;
  readonly event: "push" | "patch";
  /** The branch that was pushed; of a patch the default branch, for which it is meant. */
  readonly branch: string;
}

const objectId = z.string().refine(isObjectId, "is not the id of a commit");
const branch = z.string().refine((name) => isRefName(`refs/heads/${name}`), "is not the name of a branch");
const person = z.object({ id: z.string(), alias: z.string().nullish() });
const shared = {
  request: z.literal("trigger"),
  version: z.literal(1, { error: "only version 1 is known" }),
  repository: z.object({
    id: z
      .string()
      .refine((text) => firstDocumentIn(text) !== undefined, "is not the id of a repository")
      .transform((text) => text as RepositoryId),
    name: z.string(),
    description: z.string(),
    private: z.boolean(),
    default_branch: branch,
    delegates: z.array(z.string()),
  }),
};
const commits = z.array(objectId);
/** What stands beside these fields is passed over: newer brokers say more. */
const schema = z.discriminatedUnion("event_type", [
  z.object({
    ...shared,
    event_type: z.literal("push"),
    pusher: person,
    before: objectId,
    after: objectId,
    branch,
    commits,
  }),
  z.object({
    ...shared,
    event_type: z.literal("patch"),
    action: z.enum(["Created", "Updated"]),
    patch: z.object({ id: objectId, author: person, after: objectId, commits }),
  }),
]);

/**
 * Reads the broker's request, one line. The newest commit comes first; where none is named it is the one that the ref leads to.
 * @throws AssayError `radicle/bad-request`
 */
export function parseRunRequest(line: string): RunRequest {
  const refuse = (why: string, cause?: unknown) => badRequest(why, cause);
  if (line.length > mostLineCharacters) throw refuse(`it has more than ${mostLineCharacters} characters`);
  let value: unknown;
  try {
    value = parseStrictJson(line, "request");
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
  const request = checkValue(value, schema, refuse);
  const { id, private: isPrivate, default_branch } = request.repository;
  const { after, commits } = request.event_type === "push" ? request : request.patch;
  return {
    repository: id,
    isPrivate,
    commit: commits[0] ?? after,
    event: request.event_type,
    branch: request.event_type === "push" ? request.branch : default_branch,
  };
}

export function badRequest(why: string, cause?: unknown): AssayError<"radicle/bad-request"> {
  return new AssayError("radicle/bad-request", `the broker's request cannot be used: ${why}`, { why }, { cause });
}

/** The first answer: a run has begun. @param infoUrl where people read about it. */
export function formatTriggered(run: string, infoUrl: string | undefined): string {
  return `${JSON.stringify({ response: "triggered", run_id: { id: run }, info_url: infoUrl ?? null })}\n`;
}

/** The second and last: how it has ended. */
export function formatFinished(result: "success" | "failure"): string {
  return `${JSON.stringify({ response: "finished", result })}\n`;
}
