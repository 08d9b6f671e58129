import { AssayError } from "../../../core/errors.ts";
import type { Comparison } from "../../../diff/difference.ts";
import type { CompareTask, FromComparer } from "./messages.ts";
import "../errors.ts";

/** Fetching included: a store that sends nothing ends it too. */
const mostMilliseconds = 120_000;

/**
 * Compares two contents in a worker of its own.
 * @param signal ends it. @throws AssayError `explorer/no-comparison`
 */
export async function compareInWorker(task: CompareTask, signal: AbortSignal): Promise<Comparison> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const failed = (why: string) => new AssayError("explorer/no-comparison", why);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<Comparison>((resolve, reject) => {
      timer = setTimeout(() => reject(failed(`it took more than ${mostMilliseconds / 1000} s`)), mostMilliseconds);
      signal.addEventListener("abort", () => reject(failed("it was stopped")));
      worker.addEventListener("message", ({ data }: MessageEvent<FromComparer>) => {
        if (data.kind === "compared") resolve(data.comparison);
        else reject(failed(data.why));
      });
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        reject(failed(event.message || "the worker could not be started"));
      });
      worker.postMessage(task);
    });
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}
