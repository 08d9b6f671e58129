/** From a claim's publication to what has to be fetched. Nothing large is fetched here. */
import { fetchPublication } from "../../../client/publication.ts";
import { AssayError, isAssayError } from "../../../core/errors.ts";
import type { Hasher } from "../../../merkle/hasher.ts";
import { releaseTarball } from "../../../programs/releaseTarball/manifest.ts";
import { checkpointCount, mostCheckpoints } from "../../../protocol/checkpoints.ts";
import type { ContentSource } from "../../../store/store.ts";
import { guestOf, type TabEnvironment, tarballEnvironment } from "./environments.ts";
import type { Plan, PlannedContent, VerifyTask } from "./messages.ts";
import { findManifests } from "./sources.ts";

/** Bytes of one content, and of all that is fetched: what comes has to be held beside the machine's memory. */
const mostContentBytes = 2 ** 30;

/** A plan, and the environments that its input may be meant for: of one id at most one is right, which its images show. */
export interface Planned {
  readonly plan: Plan;
  readonly environments: readonly TabEnvironment[];
  readonly input: PlannedContent;
  readonly dependencies: PlannedContent | undefined;
  readonly checkpoints: PlannedContent | undefined;
}

/**
 * Reads the publication that a claim names, and finds its environment.
 * @param onNote told of what is missing and does not matter.
 * @throws AssayError `store/…`, `client/bad-publication`, `verify/unknown-environment`, `verify/too-large`
 */
export async function planOf(
  { claim, stores, page }: VerifyTask,
  source: ContentSource,
  hasher: Hasher,
  onNote: (text: string) => void,
): Promise<Planned> {
  const { build, checkpoints: list } = await fetchPublication(source, claim.locator);
  const { environment } = build;
  const environments: TabEnvironment[] = [];
  if (environment.name === releaseTarball.name) environments.push(tarballEnvironment(environment.id));
  else {
    let refusal: unknown;
    for (const manifest of await findManifests(environment.id, [page, ...stores], hasher, onNote)) {
      try {
        environments.push(guestOf(manifest));
      } catch (error) {
        if (!isAssayError(error)) throw error;
        refusal = error;
      }
    }
    if (environments.length === 0) throw refusal ?? unknownEnvironment(environment);
  }
  const content = (what: PlannedContent["what"], { id, size }: { readonly id: string; readonly size: number }) => ({
    what,
    id,
    size,
  });
  const input = content("input", build.input);
  const dependencies = build.dependencies && content("dependencies", build.dependencies);
  const { log2Ticks, log2CheckpointTicks } = claim;
  const count = checkpointCount(log2Ticks, log2CheckpointTicks);
  let checkpoints: PlannedContent | undefined;
  if (count > mostCheckpoints)
    onNote(`the claim has ${count} checkpoints, more than are read: only the end is compared`);
  else if (list === undefined && count > 0)
    onNote("the solver has not published its checkpoints: only the end is compared");
  else if (list !== undefined && count > 0) checkpoints = content("checkpoints", { id: list, size: 32 * count });
  const [first] = environments;
  const contents = [input, dependencies, ...first!.images, checkpoints].filter((one) => one !== undefined);
  for (const { drives } of environments) checkSizes(input, dependencies, 2 ** drives.drive.log2Size);
  for (const { what, size } of contents) if (size > mostContentBytes) throw tooLarge(what, size, mostContentBytes);
  const plan: Plan = {
    environment: { name: first!.name, id: environment.id },
    contents,
    memoryBytes: first!.memoryBytes,
    source: build.source,
    checkpoints: count,
  };
  return { plan, environments, input, dependencies, checkpoints };
}

function checkSizes(input: PlannedContent, dependencies: PlannedContent | undefined, capacity: number): void {
  for (const content of [input, dependencies]) {
    if (content !== undefined && content.size > capacity) throw tooLarge(content.what, content.size, capacity);
  }
}

function tooLarge(what: string, given: number, limit: number) {
  return new AssayError("verify/too-large", `${what}: the publication says ${given} bytes, more than ${limit}`, {
    ...{ what, given, limit },
  });
}

function unknownEnvironment({ name, id }: Plan["environment"]) {
  return new AssayError(
    "verify/unknown-environment",
    `no store says what the environment ${name} (${id}) is made of: this page needs one that has it ("assay env publish")`,
    { id },
  );
}
