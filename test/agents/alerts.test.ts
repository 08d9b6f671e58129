import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { type Alert, alertNames, type Knowledge, standingAlerts } from "../../src/agents/alerts.ts";
import { type FinalityVerdict, forecastOf } from "../../src/agents/forecast.ts";
import type { LedgerReader } from "../../src/agents/ports.ts";
import { History } from "../../src/chain/history.ts";
import { LedgerView } from "../../src/chain/ledgerView.ts";
import type { ChallengeRecord, ClaimRecord, Refutation } from "../../src/chain/records.ts";
import type { Root } from "../../src/core/bytes.ts";
import { zeroRoot } from "../../src/protocol/hash.ts";
import type { Parameters } from "../../src/protocol/parameters.ts";

const parameters = {
  log2Arity: 4,
  maxLog2Steps: 30,
  minResponseSeconds: 30,
  baseWindowSeconds: 600,
  tickAllowanceMicroseconds: 0,
  reactionSeconds: 300,
} as Parameters;
const build = rootOf("b");
const near = 30;

function rootOf(digit: string): Root {
  return `0x${digit.repeat(64)}`;
}

/** A history that a test writes record by record. */
class HandmadeHistory extends History {
  override challengesTo(claimId: Root): ChallengeRecord[] {
    return [...this.challenges.values()].filter((challenge) => challenge.claimId === claimId);
  }
}

/** A ledger whose history and time a test writes. */
class HandmadeLedger extends LedgerView implements LedgerReader {
  readonly history = new HandmadeHistory();
  readonly block = 1;
  protected readonly parameters = parameters;
  time = 1000;

  constructor() {
    super();
    this.history.builds.set(build, {
      buildId: build,
      claims: [],
      requests: [],
      joinDeadline: 2000,
      contradictionEndedAt: 0,
      rewardPaid: false,
    });
  }

  get now(): number {
    return this.time;
  }

  async refresh() {
    return { events: [] };
  }

  async isStored() {
    return true;
  }

  distrust(): void {}

  /** A claim that can be challenged until second 1600. */
  claim(digit: string, finalRoot: Root, change: Partial<ClaimRecord> = {}): ClaimRecord {
    const claim = {
      claimId: rootOf(digit),
      solver: "0x01",
      fields: { buildId: build, finalRoot, log2Ticks: 4 },
      reference: {},
      windowEnd: 1600,
      status: "open",
      ...change,
    } as ClaimRecord;
    this.history.claims.set(claim.claimId, claim);
    this.history.builds.get(build)!.claims.push(claim.claimId);
    return claim;
  }

  /** A challenge in which the solver has to answer by second 1100. */
  challenge(digit: string, claimId: Root, status: ChallengeRecord["status"] = "open"): void {
    const at = {
      range: { level: "ticks", log2Length: 4 },
      row: zeroRoot,
      since: 1000,
      solverLeft: 100,
      challengerLeft: 9,
    };
    this.history.challenges.set(rootOf(digit), {
      ...{ id: rootOf(digit), claimId, challenger: "0x02", stakeNumber: 0n, roots: [], selections: 0, block: 1 },
      status,
      at: at as unknown as ChallengeRecord["at"],
    });
  }

  alerts(verdicts: Readonly<Record<string, FinalityVerdict>> = {}, why?: string): Alert[] {
    const knowledge: Knowledge = {
      verdictOf: ({ claimId }) => verdicts[claimId] ?? "not-run",
      whyUnchecked: () => why,
    };
    return standingAlerts(this, parameters, knowledge, near);
  }
}

const namesOf = (alerts: readonly Alert[]) => alerts.map(({ alert }) => alert).sort();
const [right, wrong] = [rootOf("1"), rootOf("2")];
const byConcession = { cause: "concession" } as Refutation;

describe("the monitor's alerts", () => {
  it("are those that docs/alerts.md explains", async () => {
    const documented = [...(await readFile("docs/alerts.md", "utf8")).matchAll(/^\| `([a-z-]+)` +\| (?:error|warn)/gm)];
    expect(documented.map(([, name]) => name)).toEqual([...alertNames]);
  });

  it("are none while a claim is undisputed and its window is open", () => {
    const ledger = new HandmadeLedger();
    const { claimId } = ledger.claim("c", right);
    for (const verdict of ["right", "pending", "not-run"] as const)
      expect(ledger.alerts({ [claimId]: verdict })).toEqual([]);
  });

  it("name a wrong claim that nobody challenges once half of its window is over, until somebody does", () => {
    const ledger = new HandmadeLedger();
    const { claimId } = ledger.claim("c", wrong);
    ledger.time = 1299;
    expect(ledger.alerts({ [claimId]: "wrong" })).toEqual([]);
    ledger.time = 1300;
    expect(ledger.alerts({ [claimId]: "wrong" })).toMatchObject([
      { alert: "nobody-engaged", severe: true, build, claim: claimId, deadline: 1600, secondsLeft: 300 },
    ]);
    ledger.time = 1050;
    ledger.challenge("d", claimId);
    ledger.time = 1060;
    expect(ledger.alerts({ [claimId]: "wrong" })).toEqual([]);
  });

  it("name a claim whose only challenge was given up, if nobody knows that it is right", () => {
    const ledger = new HandmadeLedger();
    const { claimId } = ledger.claim("c", wrong);
    ledger.challenge("d", claimId, "lost");
    ledger.time = 1400;
    expect(namesOf(ledger.alerts())).toEqual(["nobody-engaged"]);
    expect(ledger.alerts({ [claimId]: "right" })).toEqual([]);
  });

  it("name a contradiction in which nobody challenges anything, and not one in which somebody does", () => {
    const ledger = new HandmadeLedger();
    const first = ledger.claim("c", wrong);
    ledger.claim("e", right);
    ledger.time = 1500;
    expect(namesOf(ledger.alerts())).toEqual(["nobody-engaged", "nobody-engaged"]);
    ledger.challenge("d", first.claimId);
    expect(namesOf(ledger.alerts())).toEqual(["deadline-near"]);
  });

  it("tell of a contradiction that fell, of the time to react, and of what is left without a proof", () => {
    const ledger = new HandmadeLedger();
    const left = ledger.claim("c", wrong);
    ledger.claim("e", right, { status: "refuted", refutation: byConcession });
    ledger.history.builds.get(build)!.contradictionEndedAt = 1590;
    ledger.time = 1600;
    expect(ledger.alerts()).toMatchObject([
      { alert: "contradiction-fell", build, severe: false },
      { alert: "reaction-running", build, deadline: 1890, secondsLeft: 290 },
    ]);
    ledger.time = 1740;
    expect(namesOf(ledger.alerts())).toEqual(["contradiction-fell", "nobody-engaged", "reaction-running"]);
    expect(namesOf(ledger.alerts({ [left.claimId]: "right" }))).toEqual(["contradiction-fell", "reaction-running"]);
    ledger.time = 1890;
    expect(namesOf(ledger.alerts({ [left.claimId]: "right" }))).toEqual(["contradiction-fell"]);
    ledger.history.builds.get(build)!.finalizedAt = 1891;
    left.status = "final";
    expect(ledger.alerts({ [left.claimId]: "right" })).toEqual([]);
  });

  it("name whose deadline is near, and how near", () => {
    const ledger = new HandmadeLedger();
    const { claimId } = ledger.claim("c", right);
    ledger.challenge("d", claimId);
    ledger.time = 1069;
    expect(ledger.alerts()).toEqual([]);
    ledger.time = 1070;
    expect(ledger.alerts()).toMatchObject([
      {
        alert: "deadline-near",
        side: "solver",
        claim: claimId,
        challenge: rootOf("d"),
        deadline: 1100,
        secondsLeft: 30,
      },
    ]);
  });

  it("name a wrong claim that is final, and an open one that cannot be checked", () => {
    const ledger = new HandmadeLedger();
    const final = ledger.claim("c", wrong, { status: "final" });
    expect(ledger.alerts({ [final.claimId]: "wrong" })).toMatchObject([
      { alert: "wrong-final", severe: true, build, claim: final.claimId },
    ]);
    expect(ledger.alerts({ [final.claimId]: "right" }, "the store has no input")).toEqual([]);
    const other = new HandmadeLedger();
    other.claim("c", wrong);
    expect(other.alerts({}, "the store has no input")).toMatchObject([
      { alert: "unchecked", severe: true, why: "the store has no input", secondsLeft: 600 },
    ]);
  });
});

describe("the monitor's forecast", () => {
  it.each([
    ["right", false, false, "final"],
    ["right", true, true, "final"],
    ["wrong", true, false, "refuted"],
    ["wrong", false, false, "final"],
    ["wrong", false, true, "undecided"],
    ["not-run", false, false, "final"],
    ["not-run", true, false, "undecided"],
    ["pending", false, true, "undecided"],
  ] as const)(
    "of a claim that is %s, challenged: %s, contradicted: %s, is %s",
    (verdict, challenged, contradicted, forecast) => {
      const ledger = new HandmadeLedger();
      const claim = ledger.claim("c", wrong);
      if (challenged) ledger.challenge("d", claim.claimId);
      if (contradicted) ledger.claim("e", right);
      expect(forecastOf(ledger, claim, verdict)).toEqual({
        claim: claim.claimId,
        build,
        solver: "0x01",
        finalRoot: wrong,
        verdict,
        forecast,
        outcome: "open",
        openChallenges: challenged ? 1 : 0,
        ...(!contradicted && { finalFrom: 1600, secondsLeft: 600 }),
      });
    },
  );
});
