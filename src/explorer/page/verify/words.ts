/** What a verification has come to, and how far it is, in words. */
import { printable } from "../../../core/printable.ts";
import type { Verdict } from "./compare.ts";
import type { Failure, Plan, Progress } from "./messages.ts";

/** How something is to look: that all is well, that something is wrong with the claim, or that nothing is known. */
export type Tone = "good" | "bad" | "unknown";

export interface Words {
  readonly tone: Tone;
  readonly headline: string;
  readonly details: readonly string[];
}

export function wordsOfVerdict(verdict: Verdict): Words {
  if (verdict.kind === "parts") {
    const { checkpoint, tick, claimed, own } = verdict;
    const at = checkpoint === undefined ? "at its end" : `at checkpoint ${count(checkpoint)}`;
    return {
      tone: "bad",
      headline: `This claim is wrong: it parts from the run in this tab ${at}, tick ${count(tick)}.`,
      details: [`The claim says ${claimed} there.`, `This tab has computed ${own}.`],
    };
  }
  const { compared, checkpoints, ticks, listPartsAt, finalRoot } = verdict;
  const all = compared === checkpoints ? `all ${count(checkpoints)}` : `${count(compared)} of ${count(checkpoints)}`;
  const at = compared === 0 ? "at the end" : `at ${all} checkpoints and at the end`;
  return {
    tone: "good",
    headline: `This claim is right: this tab has run the build and agrees ${at}.`,
    details: [
      `The run took ${count(ticks)} ticks; its last state is ${finalRoot}.`,
      ...(listPartsAt === undefined
        ? []
        : [
            `Its list of checkpoints is wrong from checkpoint ${count(listPartsAt)} on, which its result does not depend on.`,
          ]),
    ],
  };
}

export function wordsOfFailure({ code, message }: Failure): Words {
  const text = printable(message, 1000);
  if (code === "verify/other-build") {
    return { tone: "bad", headline: "The claim's publication is about another build.", details: [text] };
  }
  const headline = code?.startsWith("store/")
    ? "What the build needs could not be had."
    : code === "client/bad-publication"
      ? "The claim's publication cannot be read."
      : code === "verify/too-large"
        ? "The build is too large for this tab."
        : "This tab could not verify the claim.";
  return { tone: "unknown", headline, details: [text] };
}

export function wordsOfPlan({ environment, contents, memoryBytes, source }: Plan): readonly string[] {
  return [
    `Environment: ${printable(environment.name)}`,
    ...contents.map(({ what, size }) => `${what}: ${bytesInWords(size)}`),
    `Memory of the machine: ${bytesInWords(memoryBytes)}`,
    ...(source === undefined ? [] : [`Source, as the publication says it: ${printable(source)}`]),
  ];
}

export function wordsOfProgress(progress: Progress): string {
  if (progress.phase === "starting") return "Setting up the machine";
  if (progress.phase === "fetching") {
    const { what, bytes, size } = progress;
    return `Fetching the ${what}: ${bytesInWords(bytes)} of ${bytesInWords(size)}`;
  }
  const { ticks, seconds, ownTicks, instructions, compared } = progress;
  const speed =
    seconds === 0
      ? []
      : instructions === undefined
        ? [`${count(Math.round(ownTicks / seconds))} ticks a second`]
        : [`${count(Math.round(instructions / seconds / 1e6))} million instructions a second`];
  return [`Tick ${count(ticks)}`, ...speed, `${count(compared)} checkpoints compared`].join(" · ");
}

/** Bytes of all that is fetched. */
export function planBytes({ contents }: Plan): number {
  return contents.reduce((sum, { size }) => sum + size, 0);
}

export function bytesInWords(bytes: number): string {
  if (bytes < 1024) return `${count(bytes)} bytes`;
  const units = ["KiB", "MiB", "GiB"];
  const power = Math.min(3, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power - 1]}`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
