import { useEffect, useState } from "preact/hooks";
import type { DisputeDetail } from "../../records.ts";
import { provenStepOnChain } from "../chain/gateway.ts";
import type { StepFacts, TouchedWord } from "../chain/provenFacts.ts";
import { grouped } from "../format.ts";
import { Facts, Section } from "../parts/facts.tsx";
import { Hash } from "../parts/hash.tsx";
import { Waiting } from "../parts/notice.tsx";
import { useAsked } from "../state/asked.ts";
import { theIndex } from "../state/index.ts";
import { powerOfTwo } from "./bars.ts";
import { GuestStep } from "./guestStep.tsx";

interface PanelProps {
  readonly dispute: DisputeDetail;
  readonly transaction: string;
}

type Reading = { readonly facts?: StepFacts | undefined; readonly error?: string };

/** The step that decided a dispute: what the contract was shown of it, executed again in the page. */
export function ProvenStepPanel({ dispute, transaction }: PanelProps) {
  const { chain, buildId, log2Ticks, claim } = dispute;
  const [reading, setReading] = useState<Reading | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    provenStepOnChain(chain, transaction).then(
      (facts) => isWanted && setReading({ facts }),
      (error: unknown) => isWanted && setReading({ error: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, [chain, transaction]);
  const build = useAsked(`environment of ${buildId}`, async (signal) => {
    return await theIndex()?.build(chain, buildId, signal);
  });
  const environment = build.value?.about.environment?.name;
  const isGuest = environment !== undefined && environment !== "releaseTarball";
  return (
    <Section title="The step that decided it" id="step">
      {reading === undefined || reading.error !== undefined ? (
        <Waiting error={reading?.error} what="the step" />
      ) : reading.facts === undefined ? (
        <p>The transaction came through another contract: what it showed cannot be read here.</p>
      ) : (
        <>
          <StepShown facts={reading.facts} log2Ticks={log2Ticks} isGuest={isGuest} />
          {isGuest && <GuestStep claim={claim} tick={reading.facts.tick} step={reading.facts.step} />}
        </>
      )}
    </Section>
  );
}

interface StepProps {
  readonly facts: StepFacts;
  readonly log2Ticks: number;
  /** Whether the program is the emulator of Linux guests. */
  readonly isGuest: boolean;
}

function StepShown({ facts, log2Ticks, isGuest }: StepProps) {
  const { tick, step, instruction, pc, before, claimed, computed, touched, registers } = facts;
  return (
    <>
      <p class="instruction">
        <code>{instruction}</code>
      </p>
      <Facts
        entries={[
          ["Where", `step ${grouped(step)} of tick ${grouped(tick)}, of a run of ${powerOfTwo(log2Ticks)} ticks`],
          ["Program counter", grouped(pc)],
          ["State before", <Hash key="before" value={before} of="state root before the step" />],
          ["The solver claimed", <Hash key="claimed" value={claimed} of="state root that the solver claimed" />],
          [
            "The step gives",
            <>
              <Hash value={computed} of="state root that the step gives" />{" "}
              {computed === claimed ? "" : <strong class="failed">another state</strong>}
            </>,
          ],
        ]}
      />
      <div class="table-scroll" tabIndex={0} role="region" aria-label="What the step touched">
        <table class="touched">
          <caption>What the step touched</caption>
          <thead>
            <tr>
              <th scope="col">Where</th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
            </tr>
          </thead>
          <tbody>
            {[...registers, ...touched].map((word) => (
              <Touched word={word} isGuest={isGuest} key={word.place} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Touched({ word, isGuest }: { readonly word: TouchedWord; readonly isGuest: boolean }) {
  const { place, before, after } = word;
  const note = word.note ?? (isGuest && word.inGuest !== undefined ? `${word.inGuest} of the guest` : undefined);
  return (
    <tr class={before === after ? undefined : "touched-changed"}>
      <th scope="row">
        {place}
        {note !== undefined && <span class="quiet"> {note}</span>}
      </th>
      <td>
        <code>{before}</code>
      </td>
      <td>
        <code>{after}</code>
      </td>
    </tr>
  );
}
