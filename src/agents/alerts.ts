/** What the monitor raises; `docs/alerts.md` says what to do about each. */
export const alertNames = [
  "wrong-final",
  "contradiction-fell",
  "reaction-running",
  "deadline-near",
  "nobody-engaged",
  "unchecked",
] as const;

export type AlertName = (typeof alertNames)[number];

/** Those after which something may be, or is, lost: logged as errors, and in the exit status of `assay monitor --once`. */
export const severeAlerts: ReadonlySet<AlertName> = new Set(["wrong-final", "nobody-engaged", "unchecked"]);
