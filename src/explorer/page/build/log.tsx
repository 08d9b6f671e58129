import { useSignal } from "@preact/signals";
import { printableLines } from "../../../core/printable.ts";
import { bytesText } from "../format.ts";
import { Words } from "../parts/words.tsx";

interface LogProps {
  readonly sha256: string;
  readonly size: number;
}

type Reading =
  | { readonly kind: "unread" }
  | { readonly kind: "reading" }
  | { readonly kind: "read"; readonly text: string; readonly isCut: boolean }
  | { readonly kind: "failed"; readonly why: string };

/** No more of a log is fetched, and no more is shown at once. */
const mostBytes = 16 * 2 ** 20;
const mostCharacters = 200_000;

/** What a build has printed: fetched from the stores when it is asked for, checked by its hash, and shown as text. */
export function Log({ sha256, size }: LogProps) {
  const reading = useSignal<Reading>({ kind: "unread" });
  const read = async () => {
    reading.value = { kind: "reading" };
    try {
      const { readContent } = await import("../contents.ts");
      const bytes = await readContent(sha256, mostBytes);
      const text = new TextDecoder().decode(bytes.subarray(-4 * mostCharacters));
      reading.value = { kind: "read", text: text.slice(-mostCharacters), isCut: text.length > mostCharacters };
    } catch (error) {
      reading.value = { kind: "failed", why: error instanceof Error ? error.message : String(error) };
    }
  };
  const { value } = reading;
  if (value.kind === "read")
    return (
      <>
        {value.isCut && <p class="quiet">Only the end of it is shown.</p>}
        <pre class="log" tabIndex={0} role="region" aria-label="What the build has printed">
          {printableLines(value.text)}
        </pre>
      </>
    );
  return (
    <p>
      <button type="button" onClick={() => void read()} disabled={value.kind === "reading" || size > mostBytes}>
        Read the log
      </button>{" "}
      <span class="quiet">
        {bytesText(size)}
        {size > mostBytes && ": too long to be shown here"}
      </span>
      {value.kind === "failed" && (
        <span class="fault" role="alert">
          {" "}
          It cannot be read: <Words text={value.why} />
        </span>
      )}
    </p>
  );
}
