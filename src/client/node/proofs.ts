import { execFile } from "node:child_process";
import { resolve } from "node:path";
import type { FileDigests } from "../../attestation/others/claim.ts";
import type { AskFault } from "../policy/ask.ts";
import { type EvidenceRule, namesIn, type Policy } from "../policy/policy.ts";

/** What a policy's proofs show of a file. */
export interface CheckedProofs {
  /** Rules of the policy's `evidence` for which there is a proof about it. */
  readonly names: ReadonlySet<string>;
  /** Rules for which nothing could be checked, and why. */
  readonly faults: readonly AskFault[];
}

export interface ProofOptions {
  /** Files, by the names of the rules that they are proofs for. */
  readonly proof: ReadonlyMap<string, string>;
  /** Programs that the user trusts, by the names that policies know them by. A policy never names a program itself. */
  readonly verifier: ReadonlyMap<string, string>;
  /** That a program may take. */
  readonly seconds?: number | undefined;
}

const mostOutputBytes = 2 ** 16;

/**
 * Has programs check proofs of kinds that nothing is known of here: statements of zero-knowledge systems and of trusted hardware. A
 * program is given one line of JSON, `{ sha256, sha512, proof, key, parameters }`, on its standard input; `proof` and `key` are absolute
 * paths. It ends with status 0 if the proof shows what it is to show about the file with these digests, and with 1 if it does not. Every
 * other end is a fault, and counts as if there were no proof; so does a rule whose verifier nobody has named.
 * @param digests the file's; undefined where no file is at hand: then no proof can be about it.
 */
export async function checkProofs(
  policy: Policy,
  digests: FileDigests | undefined,
  { proof, verifier, seconds = 60 }: ProofOptions,
): Promise<CheckedProofs> {
  const names = new Set<string>();
  const faults: AskFault[] = [...proof.keys()]
    .filter((name) => policy.evidence?.[name]?.kind !== "proof" || !Object.hasOwn(policy.evidence, name))
    .map((who) => ({ who, why: "the policy has no rule of kind proof with this name" }));
  for (const name of namesIn(policy.require).evidence) {
    const rule = policy.evidence![name]!;
    const file = proof.get(name);
    if (rule.kind !== "proof" || file === undefined || digests === undefined) continue;
    const program = verifier.get(rule.verifier!);
    if (program === undefined) {
      faults.push({
        who: name,
        why: `no program is named for ${rule.verifier}: --verifier ${rule.verifier}=<program>`,
      });
      continue;
    }
    const answer = await ask(program, questionOf(rule, file, digests), seconds);
    if (answer === true) names.add(name);
    else if (answer !== false) faults.push({ who: name, why: answer });
  }
  return { names, faults };
}

function questionOf({ key, parameters = {} }: EvidenceRule, file: string, { sha256, sha512 }: FileDigests): string {
  return `${JSON.stringify({ sha256, sha512, proof: resolve(file), key, parameters })}\n`;
}

/** Whether the program says that it holds; a text that says why it could not. */
async function ask(program: string, question: string, seconds: number): Promise<boolean | string> {
  const options = { timeout: seconds * 1000, maxBuffer: mostOutputBytes, killSignal: "SIGKILL" } as const;
  return await new Promise((done) => {
    const child = execFile(resolve(program), [], options, (error, _, stderr) => {
      const { code, killed } = (error ?? {}) as { readonly code?: unknown; readonly killed?: boolean };
      if (error === null) done(true);
      else if (code === 1) done(false);
      else if (killed || code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
        done(`its verifier took more than ${seconds} s, or said too much`);
      else if (typeof code === "string") done(`its verifier cannot be run: ${code}`);
      else done(`its verifier has failed (${code ?? "killed"}): ${stderr.split("\n", 1)[0]!.slice(0, 200)}`);
    });
    // One that does not read its question, or is not there, is judged by how it ends.
    child.stdin?.on("error", () => {});
    child.stdin?.end(question);
  });
}
