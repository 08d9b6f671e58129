import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type IdentifiedBuild, identifyBuild } from "../../src/build/node/identifyBuild.ts";
import * as chainHere from "../../src/chain/assay.ts";
import * as claimsHere from "../../src/chain/claims.ts";
import * as ledgerHere from "../../src/chain/ledger.ts";
import * as movesHere from "../../src/chain/moves.ts";
import * as publicationHere from "../../src/client/publication.ts";
import * as resultsHere from "../../src/client/results.ts";
import * as bytesHere from "../../src/core/bytes.ts";
import * as environmentHere from "../../src/environment/environment.ts";
import * as claimableHere from "../../src/machine/claimable.ts";
import * as programHere from "../../src/machine/native/nativeProgram.ts";
import * as sessionHere from "../../src/machine/native/session.ts";
import * as sessionClientHere from "../../src/machine/native/sessionClient.ts";
import * as storageHere from "../../src/machine/native/snapshotStorage.ts";
import type { KernelBinaries } from "../../src/merkle/keccakKernel.ts";
import * as kernelHere from "../../src/merkle/keccakKernel.ts";
import { readKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { readProgram } from "../../src/programs/node/readProgram.ts";
import { releaseTarball } from "../../src/programs/releaseTarball/manifest.ts";
import * as assessHere from "../../src/protocol/assessClaim.ts";
import * as checkpointsHere from "../../src/protocol/checkpoints.ts";
import * as claimHere from "../../src/protocol/claim.ts";
import { hashWords } from "../../src/protocol/hash.ts";
import { type ContentId, parseContentId } from "../../src/store/contentId.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import * as storeHere from "../../src/store/store.ts";
import * as traceHere from "../../src/trace/machineTrace.ts";
import { AgentWorld } from "../support/agentWorld.ts";
import {
  bundleForBrowser,
  evaluateInBrowser,
  foldersWithContracts,
  namesOfNode,
} from "../support/determinism/browserContext.ts";

/** What the tests use, as it is here; a browser's has the same modules from the bundle. */
const here = {
  "chain/assay.ts": chainHere,
  "chain/claims.ts": claimsHere,
  "chain/ledger.ts": ledgerHere,
  "chain/moves.ts": movesHere,
  "client/publication.ts": publicationHere,
  "client/results.ts": resultsHere,
  "core/bytes.ts": bytesHere,
  "environment/environment.ts": environmentHere,
  "machine/claimable.ts": claimableHere,
  "machine/native/nativeProgram.ts": programHere,
  "machine/native/session.ts": sessionHere,
  "machine/native/sessionClient.ts": sessionClientHere,
  "machine/native/snapshotStorage.ts": storageHere,
  "merkle/keccakKernel.ts": kernelHere,
  "protocol/assessClaim.ts": assessHere,
  "protocol/checkpoints.ts": checkpointsHere,
  "protocol/claim.ts": claimHere,
  "store/store.ts": storeHere,
  "trace/machineTrace.ts": traceHere,
};
type Modules = typeof here;

/** The bytes as an array of the kind that these modules know. */
function bytesFor(modules: Modules, bytes: Uint8Array): Uint8Array {
  return modules["core/bytes.ts"].fromHex(bytesHere.toHex(bytes));
}

let world: AgentWorld;
let source: IdentifiedBuild;
let browser: Modules;
let kernelBinaries: KernelBinaries;
let programBinary: Uint8Array;
beforeAll(async () => {
  browser = evaluateInBrowser(await bundleForBrowser(foldersWithContracts)) as Modules;
  kernelBinaries = await readKeccakKernel();
  programBinary = await readProgram(releaseTarball);
  world = await AgentWorld.start();
  const folder = await world.source("browser");
  source = await identifyBuild({ source: folder, environment: "releaseTarball" });
  await world.request(folder);
  const solver = await world.solver();
  await world.until("the claim", () => world.claimOf(solver.wallet));
});
afterAll(() => world?.close());

/** Computes the build's id and runs it; nothing of the chain or of the solver goes into it. */
function ownRun(modules: Modules) {
  const kernel = modules["merkle/keccakKernel.ts"].KeccakKernel.create(kernelBinaries);
  const { environment } = source;
  const input = bytesFor(modules, source.drive);
  const session = new modules["machine/native/session.ts"].MachineSession({
    program: modules["machine/native/nativeProgram.ts"].nativeProgramOf(
      modules["machine/claimable.ts"].loadClaimable(bytesFor(modules, programBinary)),
    ),
    drives: [{ ...environment.drive, bytes: input }],
    kernel,
    storage: new modules["machine/native/snapshotStorage.ts"].MemorySnapshotStorage(),
    chainBytes: 2 ** 27,
    sideBytes: 2 ** 26,
    beat: () => {},
    report: (complaint) => expect.unreachable(complaint),
  });
  const run = session.run({ log2Arity: 1, checkpointSeconds: 0, log2CheckpointTicks: 0 });
  const { traceOf } = modules["trace/machineTrace.ts"];
  const { sessionInThread } = modules["machine/native/sessionClient.ts"];
  return {
    run,
    buildId: modules["environment/environment.ts"].buildIdOf(environment, input, kernel),
    trace: traceOf(async (ask) => await ask(sessionInThread(session))),
  };
}

/** What these modules read over a connection of their own. */
async function connected<T>(modules: Modules, use: (chain: chainHere.AssayChain) => Promise<T>): Promise<T> {
  const chain = await modules["chain/assay.ts"].connect(world.deployment);
  try {
    return await use(chain);
  } finally {
    chain.close();
  }
}

describe("a browser that trusts nobody", () => {
  it("needs nothing that only Node has", async () => {
    expect(await namesOfNode(foldersWithContracts)).toEqual([]);
  });

  it("finds the solver's claim and its publication, and its own run agrees", async () => {
    const { buildId, run, trace } = ownRun(browser);
    expect(buildId).toBe(source.buildId);
    const found = await connected(browser, async (chain) => {
      const ledger = new browser["chain/ledger.ts"].Ledger(chain);
      await ledger.refresh();
      const [claim] = ledger.history.livingClaims(buildId);
      return { claim: claim!, view: ledger.claimView(claim!) };
    });
    expect(found.view.finalRoot).toBe(run.finalRoot);

    const published = directoryStore(world.storeFolder);
    const store = browser["store/store.ts"].memoryStore();
    const fetched = async (id: ContentId) => {
      await store.put(bytesFor(browser, await published.get(id, 2 ** 20)));
      return id;
    };
    const locator = await fetched(parseContentId(found.claim.fields.locator));
    const publication = await browser["client/publication.ts"].fetchPublication(store, locator);
    const { checkpointCount, CheckpointTree, decodeCheckpoints } = browser["protocol/checkpoints.ts"];
    const count = checkpointCount(found.view.log2Ticks, found.view.log2CheckpointTicks);
    const list = decodeCheckpoints(await store.get(await fetched(publication.checkpoints!), 32 * count), count);
    expect(new CheckpointTree(list).root).toBe(found.view.checkpointRoot);
    const { assessClaim } = browser["protocol/assessClaim.ts"];
    expect(await assessClaim(found.view, trace, list)).toEqual({ verdict: "right" });
  });

  it("challenges a wrong claim at the same checkpoints, and proves the same steps, by the same calls", async () => {
    const { assay } = world.deployment;
    const [solver, challenger] = [`0x${"12".repeat(20)}`, `0x${"34".repeat(20)}`] as const;
    const refute = async (modules: Modules) => {
      const { run, trace } = ownRun(modules);
      const roots = run.checkpoints.map((root, i) => (i < 2 ? root : hashWords(i)));
      const { CheckpointTree } = modules["protocol/checkpoints.ts"];
      const claim = {
        buildId: run.startRoot,
        finalRoot: hashWords(0),
        log2Ticks: run.log2Ticks,
        log2CheckpointTicks: 0,
        checkpointRoot: new CheckpointTree({ roots }).root,
      };
      const assessment = await modules["protocol/assessClaim.ts"].assessClaim(claim, trace, { roots });
      if (assessment.verdict === "right") return expect.unreachable("the claim is wrong");
      const { start } = assessment;
      const opening = await trace.openTick(2);
      const steps = [0, 1, 2 ** (opening.log2Steps - 1)];
      const [stepRoot, endRoot] = await trace.stepRoots(2, [0, 1]);
      const shown = {
        ...{ id: hashWords(1), solver, challenger, startRoot: stepRoot!, endRoot: endRoot!, row: hashWords(2) },
        range: { level: "steps", tick: 2, from: 0, log2Length: 0 },
        ...{ since: 3, solverLeft: 4, challengerLeft: 5 },
      } as const;
      const outcome = { endStatus: 2, code: 0, recordVersion: 1, artifactSize: 7n, artifactSha256: hashWords(4) };
      const fields = { ...claim, locator: "somewhere", outcome };
      const { detailsOf, referenceOf } = modules["protocol/claim.ts"];
      const [reference, details] = [referenceOf(solver, hashWords(3), fields), detailsOf(fields, hashWords(3))];
      const witnesses = await Promise.all(steps.map((step) => trace.stepWitness(2, step)));
      const proofs = witnesses.map((witness) =>
        modules["chain/moves.ts"].callOfMove(
          { kind: "proveFault", shown, claim: reference, stakeNumber: 6n, witness },
          assay,
        ),
      );
      return {
        start,
        stepRoots: await trace.stepRoots(2, steps),
        challenge: modules["chain/claims.ts"].assayCalls(assay).challenge(reference, details, start, 6n, 1n),
        proofs,
      };
    };
    const there = await refute(browser);
    expect(there.start).toMatchObject({ kind: "checkpoints", index: 2 });
    expect(there).toEqual(await refute(here));
  });

  it("reads the result of the build whose id it has computed, and waits for it", async () => {
    const { buildId } = ownRun(browser);
    const ask = (modules: Modules) =>
      connected(modules, (chain) => modules["client/results.ts"].resultOf(chain, buildId));
    expect(await ask(browser)).toEqual({ status: "open", buildId, refuted: 0 });
    await world.skip(2000);
    const final = await connected(browser, (chain) =>
      browser["client/results.ts"].waitFor(chain, buildId, { timeoutSeconds: 60 }),
    );
    expect(browser["client/results.ts"].succeeded(final)).toBe(true);
    expect(final).toEqual(await ask(here));
  });

  it("refuses contracts that are others than its own", async () => {
    const { connect } = browser["chain/assay.ts"];
    const other = { ...world.deployment, assay: world.chain.stepVerifier };
    await expect(connect(other)).rejects.toMatchObject({ code: "chain/other-contract" });
  });
});
