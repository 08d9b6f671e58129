import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { bytesText } from "../format.ts";
import { announce } from "../parts/announcer.tsx";
import { Words } from "../parts/words.tsx";

interface DropZoneProps {
  /** Given the sha256 of a file, in hexadecimal. */
  readonly onHash: (sha256: string) => void;
  readonly children: ComponentChildren;
}

type Work =
  | { readonly kind: "none" }
  | { readonly kind: "hashing"; readonly name: string; readonly done: number; readonly size: number }
  | { readonly kind: "hashed"; readonly name: string; readonly size: number }
  | { readonly kind: "failed"; readonly name: string; readonly why: string };

/** Takes an artifact: dropped on it, or chosen. It is hashed in the page, and goes nowhere. */
export function DropZone({ onHash, children }: DropZoneProps) {
  const [isOver, setOver] = useState(false);
  const [work, setWork] = useState<Work>({ kind: "none" });
  const chooser = useRef<HTMLInputElement>(null);
  const running = useRef<AbortController>(undefined);

  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const { name, size } = file;
    const show = (next: Work) => {
      if (running.current === controller) setWork(next);
    };
    show({ kind: "hashing", name, done: 0, size });
    try {
      const { sha256OfFile } = await import("./hashFile.ts");
      const report = (done: number) => show({ kind: "hashing", name, done, size });
      const sha256 = await sha256OfFile(file, report, controller.signal);
      if (running.current !== controller) return;
      show({ kind: "hashed", name, size });
      announce("The file is hashed");
      onHash(sha256);
    } catch (error) {
      show({ kind: "failed", name, why: error instanceof Error ? error.message : String(error) });
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way; the button beside it is the other.
    <div
      class={`drop-zone${isOver ? " drop-zone-over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer?.files[0]);
      }}
    >
      {children}
      <div class="drop-line">
        <button type="button" class="plain" onClick={() => chooser.current?.click()}>
          Choose an artifact
        </button>
        <span class="quiet">or drop it here: it is hashed on this page and goes nowhere.</span>
        <input
          ref={chooser}
          class="only-heard"
          type="file"
          tabIndex={-1}
          aria-label="Artifact to look up"
          onChange={({ currentTarget }) => {
            void take(currentTarget.files?.[0]);
            currentTarget.value = "";
          }}
        />
      </div>
      <Progress work={work} />
    </div>
  );
}

function Progress({ work }: { readonly work: Work }) {
  if (work.kind === "none") return null;
  const name = <Words text={work.name} most={80} />;
  if (work.kind === "failed")
    return (
      <p class="fault" role="alert">
        {name} could not be read: <Words text={work.why} />
      </p>
    );
  if (work.kind === "hashed")
    return (
      <p class="quiet">
        {name}, {bytesText(work.size)}
      </p>
    );
  return (
    <p class="quiet">
      Hashing {name}{" "}
      <progress max={work.size || 1} value={work.done} aria-label="Hashed so far">
        {bytesText(work.done)}
      </progress>{" "}
      {bytesText(work.done)} of {bytesText(work.size)}
    </p>
  );
}
