import type { BuildAbout, BuildState, ChainKey, SearchHit } from "../records.ts";
import { OperatorReader } from "./indexOperators.ts";

/** The fewest hexadecimal digits that are looked for. */
const leastDigits = 4;
/** The most words of a question that count. */
const mostWords = 12;

type Row = Readonly<Record<string, unknown>>;

/** An index as it is searched: by the beginning of anything hexadecimal, and by the words of what builds are said to be of. */
export class SearchReader extends OperatorReader {
  /** What is found first by the beginning of its name, then by words; the newest first. @param question at most some 200 characters. */
  search(question: string, limit: number): SearchHit[] {
    const chains = new Map(this.chains().map(({ source, key }) => [source, key]));
    if (chains.size === 0) return [];
    const digits = question
      .trim()
      .toLowerCase()
      .replace(/^(0x|sha256:)/, "");
    const isHex = /^[0-9a-f]+$/.test(digits) && digits.length >= leastDigits && digits.length <= 128;
    const hits = new Map<string, SearchHit>();
    const add = (hit: SearchHit) => {
      const name = `${hit.kind} ${hit.chain} ${hit.id}`;
      if (hits.size < limit && !hits.has(name)) hits.set(name, hit);
    };
    if (isHex) for (const hit of this.byName(digits, chains, limit)) add(hit);
    if (hits.size < limit) for (const hit of this.byWords(question, chains, limit)) add(hit);
    return [...hits.values()];
  }

  private byName(digits: string, chains: ReadonlyMap<number, ChainKey>, limit: number): SearchHit[] {
    const among = `+source IN (${[...chains.keys()].join(", ")})`;
    // "g" comes after all digits.
    const range = [digits, `${digits}g`, limit] as const;
    const named = this.statements.all(
      "SELECT name, kind, explorer_name.id, explorer_build.state, source FROM explorer_name JOIN explorer_build ON n = build " +
        `WHERE name >= ? AND name < ? AND ${among} ORDER BY name, n DESC LIMIT ?`,
      ...range,
    );
    const told = this.statements.all(
      "SELECT name, what, explorer_build.id, explorer_build.state, source FROM explorer_word JOIN explorer_build ON n = build " +
        `WHERE name >= ? AND name < ? AND ${among} ORDER BY name, n DESC LIMIT ?`,
      ...range,
    );
    const accounts = [...chains.keys()].flatMap((source) =>
      this.statements.all(
        "SELECT address, source FROM explorer_operator WHERE source = ? AND address >= ? AND address < ? LIMIT ?",
        ...[source, `0x${digits}`, `0x${digits}g`, limit],
      ),
    );
    return [
      ...accounts.map(({ address, source }): SearchHit => {
        const id = String(address);
        return { kind: "operator", chain: chains.get(Number(source))!, id, text: `operator ${id}` };
      }),
      ...named.map((row) => hitOf(row, chains, kinds[String(row.kind)] ?? "build", `${row.kind} 0x${row.name}`)),
      ...told.map((row) => hitOf(row, chains, "build", `${row.what} ${row.name}`)),
    ];
  }

  private byWords(question: string, chains: ReadonlyMap<number, ChainKey>, limit: number): SearchHit[] {
    const words = (question.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, mostWords);
    if (words.length === 0) return [];
    // Each word is quoted, so that none is an operator of the language of questions; the last may be the beginning of one.
    const phrase = `${words.map((word) => `"${word}"`).join(" ")}${words.at(-1)!.length > 1 ? "*" : ""}`;
    return this.statements
      .all(
        "SELECT id, state, source, about FROM explorer_text JOIN explorer_build ON n = explorer_text.rowid WHERE explorer_text MATCH ? " +
          `AND +source IN (${[...chains.keys()].join(", ")}) ORDER BY explorer_text.rowid DESC LIMIT ?`,
        ...[phrase, limit],
      )
      .map((row) => hitOf(row, chains, "build", textOf(JSON.parse(String(row.about)) as BuildAbout)));
  }
}

const kinds: Readonly<Record<string, SearchHit["kind"]>> = {
  claim: "claim",
  "final state": "claim",
  dispute: "dispute",
};

function hitOf(
  { id, state, source }: Row,
  chains: ReadonlyMap<number, ChainKey>,
  kind: SearchHit["kind"],
  text: string,
): SearchHit {
  const hit = { kind, chain: chains.get(Number(source))!, id: String(id), text };
  return kind === "build" ? { ...hit, state: state as BuildState } : hit;
}

function textOf({ repository, commit, source, environment }: BuildAbout): string {
  const parts = [repository ?? source, commit?.slice(0, 12), environment && `in ${environment.name}`];
  return parts.filter((part) => part !== undefined).join(" ");
}
