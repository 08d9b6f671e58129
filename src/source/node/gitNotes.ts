import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { tooLarge } from "../drive.ts";
import { checkHost, parseLocation, withoutCredentials } from "../location.ts";
import { GitObjects } from "./gitObjectReader.ts";
import { type GitSettings, runGit, type Transport } from "./gitProcess.ts";
import { findGitDirectory, hashOf } from "./gitRepository.ts";
import { checkDirectory } from "./readDirectory.ts";
import { remoteOf } from "./remoteRefs.ts";
import { refuseSpecialFiles } from "./specialFiles.ts";

/** Bytes of one commit's note. */
export const mostNoteBytes = 2 ** 22;
/** How often a change is tried again that somebody else came before. */
const mostTries = 32;
/** Notes have an author; who has said what stands in them. */
const author = ["-c", "user.name=Assay", "-c", "user.email=assay@localhost", "-c", "commit.gpgSign=false"];

/** A repository with notes: on this disk, or elsewhere. */
interface Place {
  /** For people. */
  readonly name: string;
  /** Where it is on this disk. */
  readonly gitDirectory?: string;
  /** Where it is, if it is elsewhere. */
  readonly remote?: { readonly url: string; readonly transport: Transport };
}

/**
 * The note of a commit; undefined if there is none.
 * @param location path or `git+https/ssh/file` URL of a repository. @param ref of the notes: `refs/notes/...`.
 * @throws AssayError `source/too-large` beyond 4 MiB, `source/bad-object` if it is no file, codes about git
 */
export async function readNote(
  location: string,
  ref: string,
  commit: string,
  settings: GitSettings,
): Promise<Uint8Array | undefined> {
  const place = await placeOf(location);
  if (place.gitDirectory !== undefined) return await noteIn(place.gitDirectory, ref, commit, settings);
  return await withCopy(place, ref, [commit], settings, async (copy) => await noteIn(copy, ref, commit, settings));
}

/**
 * Adds lines to the notes of commits: what is there stays, what is there already is not added again, and the lines are sorted, so that
 * `git notes merge --strategy=cat_sort_uniq` gives the same. In a repository elsewhere that is a push. Somebody else may do so at the same
 * time: then it is tried again on top of what they have written.
 * @throws AssayError `source/too-large` if a note would become larger than 4 MiB, `source/git-fault` if it cannot be written
 */
export async function addToNotes(
  location: string,
  ref: string,
  lines: ReadonlyMap<string, readonly string[]>,
  settings: GitSettings,
): Promise<void> {
  const place = await placeOf(location);
  for (let tries = 1; ; tries++) {
    try {
      if (place.gitDirectory !== undefined) await writeIn(place.gitDirectory, ref, lines, settings);
      else
        await withCopy(place, ref, [...lines.keys()], settings, async (copy) => {
          if (!(await writeIn(copy, ref, lines, settings))) return;
          const { url, transport } = place.remote!;
          await runGit([`--git-dir=${copy}`, "push", "--quiet", "--", url, `${ref}:${ref}`], transport, settings);
        });
      return;
    } catch (error) {
      if (!isAssayError(error, "source/git-fault")) throw error;
      if (tries < mostTries && cameFirst.test(error.details.text)) continue;
      const message = `cannot write ${ref} of ${place.name}: ${error.details.text}`;
      throw new AssayError("source/git-fault", message, error.details, { cause: error });
    }
  }
}

/** What git says when a ref is not any more what it was. */
const cameFirst =
  /cannot lock ref|reference already exists|\[rejected\]|\[remote rejected\].*(lock|update ref)|fetch first|stale info/;

async function placeOf(location: string): Promise<Place> {
  const parsed = parseLocation(location);
  if (parsed.scheme !== "" && parsed.scheme !== "git+file:") {
    const remote = remoteOf(location);
    checkHost(new URL(remote.url));
    return { name: withoutCredentials(remote.url), remote };
  }
  const path = "path" in parsed ? parsed.path : decodeURIComponent(parsed.url.pathname);
  await checkDirectory(path);
  const gitDirectory = await findGitDirectory(path);
  if (gitDirectory === undefined) {
    throw new AssayError("source/bad-location", `${path} is not a git repository: it has no notes`, { location });
  }
  await refuseSpecialFiles(gitDirectory);
  return { name: path, gitDirectory };
}

/** A repository of one's own with the notes of one elsewhere, and nothing else of it. */
async function withCopy<T>(
  { remote }: Place,
  ref: string,
  commits: readonly string[],
  settings: GitSettings,
  use: (gitDirectory: string) => Promise<T>,
): Promise<T> {
  const { url, transport } = remote!;
  const folder = await mkdtemp(join(tmpdir(), "assay-notes-"));
  try {
    const copy = join(folder, "notes.git");
    const format = commits.some((commit) => commit.length === 64) ? ["--object-format=sha256"] : [];
    await runGit(["init", "--quiet", "--bare", "--template=", ...format, "--", copy], "none", settings);
    const options = ["--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--end-of-options"];
    await runGit([`--git-dir=${copy}`, "fetch", ...options, url, `+${ref}:${ref}`], transport, settings).catch(
      (error: unknown) => {
        if (!isAssayError(error, "source/git-fault") || !/find remote ref/.test(error.details.text)) throw error;
      },
    );
    return await use(copy);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function noteIn(
  gitDirectory: string,
  ref: string,
  commit: string,
  settings: GitSettings,
): Promise<Uint8Array | undefined> {
  const args = [`--git-dir=${gitDirectory}`, "notes", `--ref=${ref}`, "list", commit];
  const id = await runGit(args, "none", settings).catch((error: unknown) => {
    // Git ends with 1 where there is no note, and says other things otherwise.
    if (isAssayError(error, "source/git-fault") && error.details.status === 1) return undefined;
    throw error;
  });
  if (id === undefined) return undefined;
  const objects = new GitObjects(gitDirectory, mostNoteBytes, hashOf(commit), settings);
  try {
    const { type, content } = await objects.read(id.trim());
    if (type === "blob") return content;
    throw new AssayError("source/bad-object", `the note of ${commit} in ${ref} is a ${type}, not a file`, { id });
  } finally {
    objects.stop();
  }
}

/** @returns whether anything was to be written. */
async function writeIn(
  gitDirectory: string,
  ref: string,
  lines: ReadonlyMap<string, readonly string[]>,
  settings: GitSettings,
): Promise<boolean> {
  const git = async (args: readonly string[], input?: Uint8Array) =>
    (await runGit([...author, `--git-dir=${gitDirectory}`, ...args], "none", settings, input && { input })).trim();
  const base = await git(["rev-parse", "--verify", "--quiet", ref]).catch(() => "");
  const draft = `${ref}-${randomBytes(8).toString("hex")}`;
  let changed = false;
  try {
    if (base !== "") await git(["update-ref", draft, base]);
    for (const [commit, more] of lines) {
      const before = textOf(await noteIn(gitDirectory, draft, commit, settings), ref, commit).split("\n");
      const all = [...new Set([...before, ...more])].filter((line) => line !== "").sort();
      if (more.every((line) => before.includes(line))) continue;
      const content = new TextEncoder().encode(`${all.join("\n")}\n`);
      if (content.length > mostNoteBytes) throw tooLarge(content.length, mostNoteBytes);
      const blob = await git(["hash-object", "-w", "--stdin"], content);
      await git(["notes", `--ref=${draft}`, "add", "--force", "--allow-empty", `--reuse-message=${blob}`, commit]);
      changed = true;
    }
    if (!changed) return false;
    const next = await git(["rev-parse", "--verify", draft]);
    await git(["update-ref", ref, next, base === "" ? "0".repeat(next.length) : base]);
    return true;
  } finally {
    await git(["update-ref", "-d", draft]).catch(() => {});
  }
}

function textOf(note: Uint8Array | undefined, ref: string, commit: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(note);
  } catch (cause) {
    const message = `the note of ${commit} in ${ref} is not UTF-8: nothing is added to it`;
    throw new AssayError("source/bad-object", message, { id: commit }, { cause });
  }
}
