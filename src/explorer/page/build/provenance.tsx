import type { BuildAnswer, SignedResult } from "../../../client/policy/evidence.ts";
import { bytesText, dateText, duration, grouped } from "../format.ts";
import { Facts } from "../parts/facts.tsx";
import { Hash } from "../parts/hash.tsx";
import { OutsideLink, Words } from "../parts/words.tsx";
import { Log } from "./log.tsx";

/** What each of the builders that agree has signed: one result of each. */
export function Provenance({ answers }: { readonly answers: readonly BuildAnswer[] }) {
  const results = answers.flatMap((answer) => answer.results);
  if (results.length === 0) return null;
  return (
    <>
      <h3>Provenance</h3>
      {results.map((signed) => (
        <details class="provenance" key={signed.statementId}>
          <summary>
            signed by <bdi>{signed.builders.join(", ")}</bdi>
          </summary>
          <Statement signed={signed} />
        </details>
      ))}
    </>
  );
}

function Statement({ signed: { result, statementId } }: { readonly signed: SignedResult }) {
  const { source, environment, command, artifact, finalRoot, ticks, exitCode, log, startedAt, finishedAt } = result;
  const digest = Object.entries(source.digest)[0];
  return (
    <>
      <Facts
        entries={[
          ["Source", <OutsideLink key="uri" text={source.uri} />],
          [digest?.[0] ?? "digest", digest && <Words text={digest[1]} isCode most={140} />],
          ["Revision", source.revision && <Words text={source.revision} isCode />],
          [
            "Environment",
            <>
              <Words text={environment.name} most={64} /> <Hash value={environment.id} of="environment id" />
            </>,
          ],
          ["Command", command && <Words text={command.run} isCode most={1000} />],
          [
            "Artifact",
            artifact && (
              <>
                <Words text={artifact.name} most={100} /> <Hash value={artifact.sha256} of="artifact's sha256" />{" "}
                <span class="quiet">{bytesText(artifact.size)}</span>
              </>
            ),
          ],
          ["Exit code", String(exitCode)],
          ["Last state", <Hash key="root" value={finalRoot} of="root of the last state" />],
          ["Ticks", grouped(ticks)],
          ["Run", `${dateText(startedAt)}, for ${duration(finishedAt - startedAt)}`],
          ["Statement", <Hash key="id" value={statementId.replace("sha256:", "")} of="statement id" />],
        ]}
      />
      {log !== undefined && <Log sha256={log.sha256} size={log.size} />}
    </>
  );
}
