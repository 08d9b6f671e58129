import { signal } from "@preact/signals";
import type { Policy } from "../../../client/policy/policy.ts";

const place = "assay.policy";

/** The viewer's policy as it is written: YAML or JSON. It never leaves the browser. */
export const policyText = signal(read());

/** The policy, checked; undefined where there is none, or it has not been checked yet. */
export const policy = signal<Policy | undefined>(undefined);
/** Why the kept text is no policy. */
export const policyFault = signal<string | undefined>(undefined);

function read(): string {
  try {
    return localStorage.getItem(place) ?? "";
  } catch {
    // A browser that keeps nothing: the policy lasts as long as the page.
    return "";
  }
}

/** Keeps a text that has been checked. @returns false where the browser keeps nothing. */
export function keepPolicy(text: string, checked: Policy | undefined): boolean {
  policyText.value = text;
  policy.value = checked;
  policyFault.value = undefined;
  try {
    if (text === "") localStorage.removeItem(place);
    else localStorage.setItem(place, text);
    return true;
  } catch {
    return false;
  }
}

/** Checks the text that is kept, with code that is loaded for it. */
export async function loadPolicy(): Promise<void> {
  if (policyText.value === "") return;
  try {
    const { policyIn } = await import("./reading.ts");
    policy.value = policyIn(policyText.value);
  } catch (error) {
    policyFault.value = error instanceof Error ? error.message : String(error);
  }
}
