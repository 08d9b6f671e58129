import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Comparison, Difference } from "../../../diff/difference.ts";
import { bytesText } from "../format.ts";
import { Notice } from "../parts/notice.tsx";
import { Words } from "../parts/words.tsx";
import { absolute, settings } from "../state/settings.ts";
import { type Compared, mostContentBytes } from "./messages.ts";
import type { Side } from "./sides.ts";

type State =
  | { readonly kind: "none" | "comparing" }
  | { readonly kind: "compared"; readonly found: readonly Found[] }
  | { readonly kind: "failed"; readonly why: string };

interface Found {
  readonly of: "artifact" | "log";
  readonly comparison: Comparison | "same" | "missing";
}

/** Which files of two results differ, and where in them: fetched from the stores and compared when it is asked for. */
export function Contents({ first, second }: { readonly first: Side; readonly second: Side }) {
  const state = useSignal<State>({ kind: "none" });
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  const compare = async () => {
    controller.current?.abort();
    const own = new AbortController();
    controller.current = own;
    const set = (value: State) => {
      if (controller.current === own) state.value = value;
    };
    set({ kind: "comparing" });
    try {
      set({ kind: "compared", found: await foundIn(first, second, own.signal) });
    } catch (error) {
      set({ kind: "failed", why: error instanceof Error ? error.message : String(error) });
    }
  };
  const { value } = state;
  if (value.kind === "compared")
    return (
      <div role="status">
        {value.found.map(({ of, comparison }) => (
          <ContentShown of={of} comparison={comparison} key={of} />
        ))}
      </div>
    );
  return (
    <p>
      {value.kind === "comparing" ? (
        <>
          <span class="waiting">Fetching and comparing…</span>{" "}
          <button type="button" onClick={() => controller.current?.abort()}>
            Stop
          </button>
        </>
      ) : (
        <button
          type="button"
          onClick={() => void compare()}
          title={`Fetches both from the stores, at most ${bytesText(mostContentBytes)} each`}
        >
          Which files differ?
        </button>
      )}
      {value.kind === "failed" && (
        <span class="fault" role="alert">
          {" "}
          They cannot be compared: <Words text={value.why} />
        </span>
      )}
    </p>
  );
}

function ContentShown({ of, comparison }: Found) {
  if (comparison === "missing") return <p>One of the two has left no {of}.</p>;
  if (comparison === "same") return <p>Both give the same {of}, to the byte.</p>;
  const { differences, notLookedInto, stopped } = comparison;
  return (
    <>
      <h3>Where the {of}s differ</h3>
      <ul class="difference-list">
        {differences.map((difference, i) => (
          <DifferenceShown difference={difference} key={i} />
        ))}
      </ul>
      {notLookedInto.map(({ path, why }) => (
        <p class="quiet" key={path}>
          <Words text={path} isCode />: not looked into: <Words text={why} />
        </p>
      ))}
      {stopped !== undefined && (
        <Notice kind="warning">
          There may be more: <Words text={stopped} />.
        </Notice>
      )}
    </>
  );
}

function DifferenceShown({ difference: { path, what, first, second } }: { readonly difference: Difference }) {
  return (
    <li>
      <Words text={path} isCode />: <Words text={what} />
      {[
        ["first", first],
        ["second", second],
      ].map(
        ([name, text]) =>
          text !== undefined && (
            <div key={name} class={`difference-${name}`}>
              <span class="quiet">{name}</span> <Words text={text} isCode />
            </div>
          ),
      )}
    </li>
  );
}

async function foundIn(first: Side, second: Side, signal: AbortSignal): Promise<readonly Found[]> {
  const { compareInWorker } = await import("./comparing.ts");
  const stores = (settings.value?.stores ?? []).map((url) => (url.startsWith("ipfs+") ? url : absolute(url)));
  const compare = async (of: Found["of"], name: string, ours: Part, theirs: Part): Promise<Found> => {
    if (ours === undefined && theirs === undefined) return { of, comparison: "same" };
    if (ours === undefined || theirs === undefined) return { of, comparison: "missing" };
    if (ours.sha256 === theirs.sha256) return { of, comparison: "same" };
    const task = { name, first: ours.content, second: theirs.content, stores };
    return { of, comparison: await compareInWorker(task, signal) };
  };
  const name = [first, second].flatMap(({ artifact }) =>
    typeof artifact === "object" ? (artifact.name ?? []) : [],
  )[0];
  const found = [await compare("artifact", name ?? "artifact", await artifactOf(first), await artifactOf(second))];
  if (first.log !== undefined && second.log !== undefined)
    found.push(await compare("log", "log", stored(first.log), stored(second.log)));
  return found;
}

type Part = { readonly sha256: string; readonly content: Compared } | undefined;

async function artifactOf({ artifact, own }: Side): Promise<Part> {
  if (artifact === "none") return undefined;
  if (artifact !== "later") return stored(artifact);
  const left = (await own!.left()).artifact;
  return left && { sha256: left.sha256, content: { kind: "here", bytes: left.bytes } };
}

function stored({ sha256, size }: { readonly sha256: string; readonly size: number }): Part {
  return { sha256, content: { kind: "stored", sha256, size } };
}
