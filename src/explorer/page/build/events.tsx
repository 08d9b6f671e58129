import type { BuildDetail, EventRecord } from "../../records.ts";
import { grouped } from "../format.ts";
import { Section } from "../parts/facts.tsx";
import { Hash } from "../parts/hash.tsx";
import { Ago } from "../parts/time.tsx";

const words: Readonly<Record<string, string>> = {
  BuildRequested: "A reward was put on it",
  ClaimRevealed: "A claim was made",
  ClaimRefuted: "A claim was refuted",
  ClaimFinalized: "A claim became final",
  BuildFinalized: "The build became final",
  ChallengeOpened: "A claim was challenged",
  Answered: "The solver answered",
  Selected: "The challenger selected a part",
  ChallengeLost: "A challenger gave up",
  ChallengeClosed: "A challenge was closed",
  StakeReturned: "A challenger's stake was returned",
  RequestRefunded: "A reward was refunded",
  RewardPaid: "The reward was paid",
};

export function eventWords(name: string): string {
  return words[name] ?? name.slice(0, 40);
}

export function EventList({ build }: { readonly build: BuildDetail }) {
  const newest = build.events.toReversed();
  return (
    <Section title="What happened" id="events">
      <details>
        <summary>{build.events.length} events, the newest first</summary>
        <ol class="events" reversed>
          {newest.map((event, i) => (
            <Event event={event} build={build} key={`${event.transaction} ${event.name} ${build.events.length - i}`} />
          ))}
        </ol>
      </details>
    </Section>
  );
}

function Event({ event, build }: { readonly event: EventRecord; readonly build: BuildDetail }) {
  return (
    <li>
      {eventWords(event.name)}, block {grouped(event.block)}, <Ago chain={build.chain} at={event.timestamp} />{" "}
      <Hash value={event.transaction} of="transaction" />
    </li>
  );
}
