import { useSignal } from "@preact/signals";
import { shortHash } from "../format.ts";
import { announce } from "./announcer.tsx";

interface HashProps {
  readonly value: string;
  /** What it is, for those who hear the page: `build id`. */
  readonly of: string;
  readonly href?: string | undefined;
  readonly isWhole?: boolean;
}

/** A hash, shortened, with a button that copies all of it. */
export function Hash({ value, of, href, isWhole = false }: HashProps) {
  const text = isWhole ? value : shortHash(value);
  const code = (
    <code title={value} class={isWhole ? "hash-whole" : undefined}>
      {text}
    </code>
  );
  return (
    <span class="hash">
      {href === undefined ? code : <a href={href}>{code}</a>}
      <CopyButton value={value} of={of} />
    </span>
  );
}

export function CopyButton({ value, of }: { readonly value: string; readonly of: string }) {
  const isCopied = useSignal(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      announce("The browser does not let this page copy");
      return;
    }
    isCopied.value = true;
    announce(`Copied the ${of}`);
    setTimeout(() => {
      isCopied.value = false;
    }, 1500);
  };
  return (
    <button type="button" class="copy" aria-label={`Copy ${of} ${shortHash(value)}`} onClick={() => void copy()}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        {isCopied.value ? <path d="M3 8.5l3.2 3.2L13 5" /> : <path d="M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8z" />}
      </svg>
    </button>
  );
}
