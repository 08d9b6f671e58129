import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { addResultNotes, notesRef, readResultNotes } from "../../agents/notes.ts";
import { formatBundle, parseBundle } from "../../attestation/bundle.ts";
import type { Envelope } from "../../attestation/dsse.ts";
import { statementIn } from "../../attestation/statement.ts";
import { AssayError } from "../../core/errors.ts";
import { findSource } from "../../source/node/findSource.ts";
import { writeOutputFile } from "../../store/node/outputFile.ts";
import { createOutput, table } from "../output.ts";

interface Options {
  readonly repository: string;
  readonly bundle?: string;
  readonly json: boolean;
}

const settings = { environment: process.env, timeoutSeconds: 120 };

/** Signed results as git notes: they travel with the repository, by plain git. */
export function defineNotes(notes: Command): void {
  notes
    .command("add")
    .description(`add signed results to the notes (${notesRef}) of the commits that they are about`)
    .argument("<bundle>", "a file of envelopes, one a line (.intoto.jsonl), as `assay run --bundle` writes it")
    .option("--repository <repository>", "path, or git+https, git+ssh, git+file URL: one elsewhere is pushed to", ".")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
Notes that others have added stay. Git brings them to others, and from there:
  git push origin ${notesRef}
  git fetch origin ${notesRef}:${notesRef}-origin
  git notes --ref=${notesRef} merge --strategy=cat_sort_uniq ${notesRef}-origin

Examples:
  assay notes add project.intoto.jsonl
  assay notes add project.intoto.jsonl --repository git+ssh://git@example.org/project.git`,
    )
    .action(add);
  notes
    .command("show")
    .description("show the signed results in the note of a commit; who has signed them is not checked here")
    .argument("[commit]", "commit, tag or branch", "HEAD")
    .option("--repository <repository>", "path, or git+https, git+ssh, git+file URL", ".")
    .option("--bundle <file>", "write them to this file, for `assay attest verify`")
    .option("--json", "print as JSON", false)
    .addHelpText("after", "\nExamples:\n  assay notes show\n  assay notes show v1.2 --bundle project.intoto.jsonl")
    .action(show);
  for (const command of notes.commands) command.exitOverride();
}

async function add(file: string, { repository, json }: Options): Promise<void> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new AssayError("cli/bad-argument", `cannot read ${file}`, { file }, { cause });
  }
  const { envelopes, unknown } = parseBundle(text);
  const added = await addResultNotes(repository, envelopes, settings);
  const leftOut = envelopes.length - added + unknown;
  createOutput(json).data({ added, leftOut }, () =>
    table([
      ["in the notes", `${added}`],
      ...(leftOut === 0 ? [] : [["left out", `${leftOut}: not about a commit, or not readable`] as const]),
    ]),
  );
}

async function show(revision: string, { repository, bundle, json }: Options): Promise<void> {
  const found = await findSource(repository, revision, settings);
  if ("directory" in found) throw new AssayError("cli/bad-argument", `${repository} is not a git repository`);
  const { envelopes, unknown } = await readResultNotes(repository, found.commit, settings);
  if (bundle !== undefined) await writeOutputFile(bundle, formatBundle(envelopes));
  const results = envelopes.map(factsOf);
  createOutput(json).data({ commit: found.commit, results, unknownLines: unknown }, () => [
    ...results.flatMap(({ keyHints, predicateType, subject }) => [
      ...table([
        ["says of itself", keyHints.join(", ")],
        ["says", predicateType ?? "nothing that can be read"],
        ["of", subject.map(({ name, digest }) => `${name} ${Object.values(digest).join(" ")}`).join("; ")],
      ]),
      "",
    ]),
    `${results.length} results${unknown === 0 ? "" : `, ${unknown} lines that are none`}; nobody's signature was checked.`,
  ]);
}

function factsOf(envelope: Envelope) {
  const keyHints = envelope.signatures.map(({ keyHint }) => keyHint);
  try {
    const { predicateType, subject } = statementIn(envelope);
    return { keyHints, predicateType, subject };
  } catch {
    return { keyHints, predicateType: undefined, subject: [] };
  }
}
