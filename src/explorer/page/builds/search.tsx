import { useEffect, useRef, useState } from "preact/hooks";
import type { BuildFilter, SearchHit } from "../../records.ts";
import { DropZone } from "../artifact/dropZone.tsx";
import { shortHash } from "../format.ts";
import { Waiting } from "../parts/notice.tsx";
import { State } from "../parts/states.tsx";
import { Words } from "../parts/words.tsx";
import { goTo, hrefOf } from "../router.ts";
import { useAsked } from "../state/asked.ts";
import { theIndex } from "../state/index.ts";

/** Between a key and the question: shorter than most pauses between keys, since answers take no longer. */
const pauseMilliseconds = 40;
/** More says nothing. */
export const mostQueryCharacters = 200;

export function SearchBox({ filter, query }: { readonly filter: BuildFilter; readonly query: string }) {
  const [text, setText] = useState(query);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const own = useRef(query);
  useEffect(() => {
    // The address can change by itself: the browser's own buttons, a link.
    if (query !== own.current) setText(query);
    own.current = query;
  }, [query]);
  const search = (next: string, isNow: boolean) => {
    clearTimeout(timer.current);
    const go = () => {
      own.current = next.trim();
      goTo({ view: "builds", filter, query: next.trim() }, true);
    };
    if (isNow) go();
    else timer.current = setTimeout(go, pauseMilliseconds);
  };
  return (
    <DropZone
      onHash={(sha256) => {
        setText(sha256);
        search(sha256, true);
      }}
    >
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          search(text, true);
        }}
      >
        <label for="search">Repository, commit, artifact's sha256, build, environment or key</label>
        <input
          id="search"
          type="search"
          autocomplete="off"
          spellcheck={false}
          maxLength={mostQueryCharacters}
          value={text}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            search(currentTarget.value, false);
          }}
        />
      </form>
    </DropZone>
  );
}

export function SearchHits({ query }: { readonly query: string }) {
  const { value, error, isAnswered } = useAsked(`search ${query}`, async (signal) => {
    return (await theIndex()?.search(query, signal)) ?? [];
  });
  if (value === undefined) return <Waiting error={error} what="what is like that" />;
  return (
    <section aria-label="What was found">
      {error !== undefined && <Waiting error={error} what="what is new" />}
      <p class="quiet" role="status">
        {isAnswered && (value.length === 0 ? "Nothing is like that." : `${value.length} found.`)}
      </p>
      <ul class="hits">
        {value.map((hit) => (
          <Hit hit={hit} key={`${hit.kind} ${hit.chain} ${hit.id}`} />
        ))}
      </ul>
    </section>
  );
}

function Hit({ hit: { kind, chain, id, text, state } }: { readonly hit: SearchHit }) {
  return (
    <li>
      <a href={hrefOf({ view: kind, chain, id })}>
        <span class="hit-kind">{kind}</span> <code>{shortHash(id)}</code>
      </a>{" "}
      {state !== undefined && <State state={state} />}
      <Words text={text} />
    </li>
  );
}
