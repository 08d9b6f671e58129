import type { AttestationSource } from "../attestation/board.ts";
import { buildIn, isBuildStatement } from "../attestation/buildResult.ts";
import { type Bundle, parseBundle } from "../attestation/bundle.ts";
import { type Envelope, formatEnvelope } from "../attestation/dsse.ts";
import { malformed } from "../attestation/errors.ts";
import { statementIn } from "../attestation/statement.ts";
import { isAssayError } from "../core/errors.ts";
import { addToNotes, readNote } from "../source/node/gitNotes.ts";
import type { GitSettings } from "../source/node/gitProcess.ts";

/** The notes in which signed results stand with the commits that they are about: one envelope a line. */
export const notesRef = "refs/notes/assay";

/**
 * The signed results in the note of a commit. They are not trusted: everybody who may push can write them.
 * @param location a repository's path or URL.
 * @throws AssayError `attestation/malformed` for a note that is no text, `source/...`
 */
export async function readResultNotes(location: string, commit: string, settings: GitSettings): Promise<Bundle> {
  const note = await readNote(location, notesRef, commit, settings);
  if (note === undefined) return { envelopes: [], unknown: 0 };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(note);
  } catch (cause) {
    throw malformed("note", `that of ${commit} in ${notesRef} is not UTF-8`, cause);
  }
  return parseBundle(text);
}

/** The note of one commit as a source. It has results of builds, and nothing about keys. */
export function noteSource(location: string, commit: string, settings: GitSettings): AttestationSource {
  let bundle: Promise<Bundle> | undefined;
  return {
    url: `${notesRef} of ${location}`,
    async find({ algorithm }) {
      // The same about every build: who asks looks at what each is about.
      if (algorithm !== "build" && algorithm !== "gitCommit") return { envelopes: [], unknown: 0 };
      bundle ??= readResultNotes(location, commit, settings);
      return await bundle;
    },
  };
}

/**
 * Adds signed results to the notes of the commits that they are about.
 * @returns how many of them are about a commit; the others are not added.
 * @throws AssayError as `addToNotes`
 */
export async function addResultNotes(
  location: string,
  envelopes: readonly Envelope[],
  settings: GitSettings,
): Promise<number> {
  const lines = new Map<string, string[]>();
  let count = 0;
  for (const envelope of envelopes) {
    const commit = commitOf(envelope);
    if (commit === undefined) continue;
    count++;
    lines.set(commit, [...(lines.get(commit) ?? []), formatEnvelope(envelope)]);
  }
  if (count > 0) await addToNotes(location, notesRef, lines, settings);
  return count;
}

/** The commit that a result is about: its subject, or the source of the build. */
function commitOf(envelope: Envelope): string | undefined {
  try {
    const statement = statementIn(envelope);
    const digest = isBuildStatement(statement) ? buildIn(statement).source.digest : statement.subject[0]!.digest;
    const commit = digest.gitCommit;
    return commit !== undefined && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit) ? commit : undefined;
  } catch (error) {
    if (isAssayError(error, "attestation/malformed")) return undefined;
    throw error;
  }
}
