/** Entry of the worker: plans, runs, and answers questions about what it has run, one after the other. */
import { isAssayError } from "../../../core/errors.ts";
import { printable } from "../../../core/printable.ts";
import { guestInstructionAt } from "../../../guest/guestStep.ts";
import { sessionInThread } from "../../../machine/native/sessionClient.ts";
import type { KeccakKernel } from "../../../merkle/keccakKernel.ts";
import type { ContentSource } from "../../../store/store.ts";
import { loadKernel } from "./hostFiles.ts";
import { leftBy } from "./left.ts";
import type { Failure, FromWorker, ToWorker, VerifyTask } from "./messages.ts";
import { type Planned, planOf } from "./plan.ts";
import { openSources } from "./sources.ts";
import { TabStorage } from "./tabStorage.ts";
import { type Verified, verify } from "./verification.ts";

const tell = (message: FromWorker) => globalThis.postMessage(message);
const onNote = (text: string) => tell({ kind: "note", text: printable(text) });

let task: VerifyTask;
let kernel: KeccakKernel;
let source: ContentSource;
let planned: Planned | undefined;
let verified: Promise<Verified> | undefined;

async function plan(given: VerifyTask): Promise<void> {
  task = given;
  kernel = await loadKernel();
  source = openSources(task.stores, onNote);
  planned = await planOf(task, source, kernel, onNote);
  tell({ kind: "plan", plan: planned.plan });
}

async function run(): Promise<void> {
  const storage = await TabStorage.open();
  verified = verify({
    ...{ claim: task.claim, planned: planned!, source, kernel, storage, onNote },
    onProgress: (progress) => tell({ kind: "progress", progress }),
    onParting: (parting) => tell({ kind: "parts", ...parting }),
  });
  tell({ kind: "verdict", verdict: (await verified).verdict });
}

async function answer(message: ToWorker): Promise<unknown> {
  if (message.kind === "plan") return await plan(message.task);
  if (message.kind === "run") return await run();
  const { session, list, environment, program } = await verified!;
  if (message.kind === "guest") {
    if (!environment.isGuest) return undefined;
    return await guestInstructionAt(sessionInThread(session), program, message.tick, message.step);
  }
  if (message.kind === "left") return leftBy(session, environment);
  if (message.kind === "list") return list;
  return (session[message.method] as (...values: readonly unknown[]) => unknown).apply(session, [...message.values]);
}

function failureOf(error: unknown): Failure {
  return { code: isAssayError(error) ? error.code : undefined, message: (error as Error).message ?? String(error) };
}

globalThis.addEventListener("message", ({ data: message }: MessageEvent<ToWorker>) => {
  void answer(message).then(
    (value) => {
      if ("id" in message) tell({ kind: "result", id: message.id, value });
    },
    (error: unknown) => {
      const failure = failureOf(error);
      tell("id" in message ? { kind: "refusal", id: message.id, failure } : { kind: "failure", failure });
    },
  );
});
