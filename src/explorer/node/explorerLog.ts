/** What an explorer has to say while it runs. */
export type ExplorerLog = Readonly<
  Record<"debug" | "info" | "warn" | "error", (facts: Readonly<Record<string, unknown>>, message: string) => void>
>;
