import { describe, expect, it } from "vitest";
import type { KeyId } from "../../src/attestation/keys.ts";
import { type Document, majorityOf, parseDocument } from "../../src/radicle/document.ts";
import { identityOf } from "../../src/radicle/identity.ts";
import type { IdentityAction } from "../../src/radicle/identityAction.ts";
import type { IdentityEntry } from "../../src/radicle/identityEntry.ts";
import { type ObjectId, repositoryIdOf } from "../../src/radicle/ids.ts";
import { documentOf, type Person, people } from "../support/radicleStorage.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

/** A proposal as the rules describe it, without any order of working: what it is follows from who has said what. */
interface Proposal {
  readonly id: ObjectId;
  readonly parent: Proposal | undefined;
  readonly document: Document;
  readonly author: KeyId;
  readonly said: Map<KeyId, boolean>;
  isAdopted: boolean;
  isWithdrawn: boolean;
  isRejected: boolean;
}

/** The rules for one line of entries, written as differently as may be. */
class Model {
  readonly proposals: Proposal[];
  current: Proposal;

  constructor(id: ObjectId, author: KeyId, document: Document) {
    this.current = {
      id,
      parent: undefined,
      document,
      author,
      said: new Map(),
      isAdopted: true,
      isWithdrawn: false,
      isRejected: false,
    };
    this.proposals = [this.current];
  }

  stateOf(proposal: Proposal): string {
    if (proposal.isAdopted) return "accepted";
    if (proposal.isWithdrawn) return "redacted";
    if (proposal.isRejected) return "rejected";
    const above = this.stateOf(proposal.parent!);
    if (above === "redacted" || above === "rejected") return above;
    const isTaken = this.proposals.some((other) => other.isAdopted && other.parent === proposal.parent);
    return isTaken ? "rejected" : "active";
  }

  say(proposal: Proposal, who: KeyId, yes: boolean): void {
    proposal.said.set(who, yes);
    const { delegates } = proposal.parent!.document;
    const against = [...proposal.said.values()].filter((each) => !each).length;
    if (!yes && delegates.length - against < majorityOf(proposal.parent!.document)) proposal.isRejected = true;
    if (yes) this.adopt(proposal);
  }

  adopt(proposal: Proposal): void {
    if (this.stateOf(proposal) !== "active" || proposal.parent !== this.current) return;
    const { delegates } = this.current.document;
    const votes = [...proposal.said].filter(([key, yes]) => yes && delegates.includes(key));
    if (2 * votes.length <= delegates.length) return;
    proposal.isAdopted = true;
    this.current = proposal;
    for (const child of this.proposals) if (child.parent === proposal) this.adopt(child);
  }
}

const toId = (number: number) => number.toString(16).padStart(40, "0");
const seal = (person: Person, blob: ObjectId) => person.sign(Buffer.from(blob, "hex"));

/** A line of entries by people who mostly keep to the rules, and what the model makes of it. */
function play(random: Random) {
  const blobs = new Map<ObjectId, Document>();
  const blobOf = (delegates: readonly Person[]) => {
    const id = toId(0xd0c000 + blobs.size);
    blobs.set(
      id,
      parseDocument(Buffer.from(JSON.stringify(documentOf(delegates, { payload: { count: blobs.size } }))), id),
    );
    return id;
  };
  const founder = people[0]!;
  const first = blobOf([founder]);
  const entries = new Map<ObjectId, IdentityEntry>();
  let last: ObjectId | undefined;
  const add = (person: Person, action: IdentityAction): ObjectId => {
    const id = toId(entries.size + 1);
    const document = action.type === "revision" ? action.blob : undefined;
    entries.set(id, {
      id,
      parents: last === undefined ? [] : [last],
      time: entries.size,
      author: person.key,
      isSigned: true,
      actions: [action],
      document,
    });
    return id;
  };
  last = add(founder, { type: "revision", blob: first, parent: undefined, signature: seal(founder, first) });
  const model = new Model(last, founder.key, blobs.get(first)!);
  for (let turn = 0; turn < 20; turn++) {
    const person = random.pick(people.slice(0, 4));
    const proposal = random.pick(model.proposals.slice(-4));
    const delegates = proposal.parent?.document.delegates ?? [];
    const isOpen = model.stateOf(proposal) === "active";
    const mayJudge = isOpen && delegates.includes(person.key) && !proposal.said.has(person.key);
    const choice = random.below(10);
    if (choice < 4 && proposal.document.delegates.includes(person.key)) {
      const blob = blobOf(
        people
          .slice(0, 4)
          .filter(() => random.chance(0.6))
          .concat(random.pick(people.slice(0, 4))),
      );
      last = add(person, { type: "revision", blob, parent: proposal.id, signature: seal(person, blob) });
      const made: Proposal = {
        id: last,
        parent: proposal,
        document: blobs.get(blob)!,
        author: person.key,
        said: new Map(),
        isAdopted: false,
        isWithdrawn: false,
        isRejected: false,
      };
      model.proposals.push(made);
      if (model.stateOf(made) === "active") model.say(made, person.key, true);
      else made.said.set(person.key, true);
    } else if (choice < 7 && mayJudge) {
      const blob = [...blobs].find(([, document]) => document === proposal.document)![0];
      last = add(person, { type: "revision.accept", revision: proposal.id, signature: seal(person, blob) });
      model.say(proposal, person.key, true);
    } else if (choice < 9 && mayJudge) {
      last = add(person, { type: "revision.reject", revision: proposal.id });
      model.say(proposal, person.key, false);
    } else if (proposal.author === person.key) {
      last = add(person, { type: "revision.redact", revision: proposal.id });
      if (isOpen) proposal.isWithdrawn = true;
    } else if (isOpen) {
      // Not theirs to withdraw: a dead end, on which nobody builds.
      add(person, { type: "revision.redact", revision: proposal.id });
    }
  }
  return { model, entries, blobs, root: toId(1), repository: repositoryIdOf(Buffer.from(first, "hex")) };
}

describe("identities of random histories", () => {
  it("are those that a simple model of the rules gives", () => {
    const random = new Random(seed);
    let [changed, states] = [0, new Set<string>()];
    for (let run = 0; run < 60; run++) {
      const { model, entries, blobs, root, repository } = play(random);
      const { current, revisions } = identityOf(repository, root, entries, blobs);
      const expected = model.proposals.map((proposal) => [proposal.id, model.stateOf(proposal)]);
      expect([...revisions.values()].map(({ id, state }) => [id, state])).toEqual(expected);
      expect(current.id).toBe(model.current.id);
      if (current.id !== root) changed++;
      for (const [, state] of expected) states.add(state!);
    }
    expect(changed).toBeGreaterThan(30);
    expect([...states].sort()).toEqual(["accepted", "active", "redacted", "rejected"]);
  });
});
