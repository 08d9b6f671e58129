import { useSignal } from "@preact/signals";
import { printable } from "../../../core/printable.ts";
import type { BuildDetail } from "../../records.ts";
import { grouped, shortHash } from "../format.ts";
import { Section } from "../parts/facts.tsx";
import { verdicts } from "../policy/verdicts.ts";
import { ownRuns } from "../verify/ownRuns.ts";
import { Contents } from "./contents.tsx";
import { Parting } from "./parting.tsx";
import { firstPair, type Side, sidesOf } from "./sides.ts";

/** What two results of a build that end in different states tell differently, and where their files do. */
export function Differences({ build }: { readonly build: BuildDetail }) {
  const chosen = useSignal<readonly [string?, string?]>([]);
  const judged = verdicts.value.get(build.buildId);
  const sides = sidesOf(build, judged?.kind === "judged" ? judged.verdict.answers : [], ownRuns.value);
  const pair = firstPair(sides);
  if (pair === undefined) return null;
  const [first, second] = pair.map((usual, i) => sides.find(({ key }) => key === chosen.value[i]) ?? usual) as [
    Side,
    Side,
  ];
  const choose = (i: number, key: string) => {
    chosen.value = i === 0 ? [key, second.key] : [first.key, key];
  };
  return (
    <Section title="Where two results differ" id="differences">
      {sides.length > 2 && (
        <p class="difference-choice">
          <Choice name="First" sides={sides} side={first} onChoose={(key) => choose(0, key)} />
          <Choice name="Second" sides={sides} side={second} onChoose={(key) => choose(1, key)} />
        </p>
      )}
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Two results side by side">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              {[first, second].map(({ name }, i) => (
                <th scope="col" key={i}>
                  {printable(name, 100)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rowsOf(first, second).map(([what, ours, theirs]) => (
              <tr key={what} class={ours === theirs ? undefined : "touched-changed"}>
                <th scope="row">{what}</th>
                <td>
                  <code>{ours}</code>
                </td>
                <td>
                  <code>{theirs}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Parting first={first} second={second} disputes={build.disputeList} key={`parting ${first.key} ${second.key}`} />
      <Contents first={first} second={second} key={`contents ${first.key} ${second.key}`} />
    </Section>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly sides: readonly Side[];
  readonly side: Side;
  readonly onChoose: (key: string) => void;
}

function Choice({ name, sides, side, onChoose }: ChoiceProps) {
  return (
    <label>
      {name}{" "}
      <select value={side.key} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {sides.map((each) => (
          <option value={each.key} key={each.key}>
            {printable(each.name, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}

function rowsOf(first: Side, second: Side): [string, string, string][] {
  const of = (name: string, value: (side: Side) => string): [string, string, string] => {
    return [name, value(first), value(second)];
  };
  const ofArtifact = (value: (artifact: { readonly sha256: string; readonly size: number }) => string) => {
    return ({ artifact }: Side) =>
      artifact === "later" ? "when compared" : artifact === "none" ? "none" : value(artifact);
  };
  return [
    of("last state", ({ finalRoot }) => shortHash(finalRoot)),
    ...(first.own === undefined && second.own === undefined ? [of("end", ({ end }) => end)] : []),
    of(
      "artifact",
      ofArtifact(({ sha256 }) => shortHash(sha256)),
    ),
    of(
      "bytes",
      ofArtifact(({ size }) => grouped(size)),
    ),
  ];
}
