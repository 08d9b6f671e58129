import { z } from "zod";
import type { SearchReader } from "../indexSearch.ts";
import type { IndexService } from "../indexService.ts";
import {
  type AnswerName,
  addressSchema,
  chainSchema,
  type ExplorerStatus,
  rootSchema,
  stateSchema,
} from "./schemas.ts";

/** The most entries of a page of a list. */
export const mostItems = 200;
/** The most characters of what is searched for. */
export const mostQuestionCharacters = 200;

/** What answers are made from. */
export interface Sources {
  readonly service: IndexService;
  readonly reader: SearchReader;
  readonly status: () => ExplorerStatus;
}

/** A question that the server answers. `answer` is undefined for what the index does not have. */
export interface Route {
  /** Below the base, with `{name}` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly parameters: z.ZodObject;
  readonly answers: AnswerName;
  readonly answer: (sources: Sources, given: never) => unknown;
}

function route<Shape extends z.ZodRawShape>(
  path: string,
  summary: string,
  answers: AnswerName,
  shape: Shape,
  answer: (sources: Sources, given: z.output<z.ZodObject<Shape>>) => unknown,
): Route {
  return { path, summary, answers, parameters: z.strictObject(shape), answer };
}

const limit = z.coerce.number().int().min(1).max(mostItems).default(50).describe("Entries of a page.");
const cursor = z.string().max(120).optional().describe("`next` of the page before.");
const chain = chainSchema.describe("`<chain id>-<address of the contract>`, in lower case.");
const chainFilter = chainSchema.optional().describe("Only of this chain.");
const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .describe("Address of an account.");
const text = z.string().min(1).max(500);

const ofChain = { chain, id: rootSchema };

/** All that is answered, in the order of the document. */
export const routes: readonly Route[] = [
  route("/status", "Whether the index is up to date", "Status", {}, ({ status }) => status()),
  route("/chains", "The chains in the index", "Chains", {}, ({ service }) => ({ items: service.chains() })),
  route(
    "/builds",
    "Builds, the newest first",
    "Builds",
    {
      chain: chainFilter,
      state: stateSchema.optional().describe("Only builds in this state."),
      environment: text.optional().describe("Only builds in this environment, by its id or its name."),
      repository: text.optional().describe("Only builds that are said to be of this repository."),
      operator: address.optional().describe("Only builds that this account has claimed or challenged a claim of."),
      limit,
      cursor,
    },
    ({ reader }, { limit, cursor, operator, ...filter }) =>
      reader.builds({ ...filter, operator: operator?.toLowerCase() }, limit, cursor),
  ),
  route("/builds/{chain}/{id}", "One build", "BuildDetail", ofChain, ({ reader }, { chain, id }) =>
    reader.build(chain, id),
  ),
  route("/claims/{chain}/{id}", "One claim", "ClaimDetail", ofChain, ({ reader }, { chain, id }) =>
    reader.claim(chain, id),
  ),
  route("/disputes/{chain}/{id}", "One dispute, with all its moves", "DisputeDetail", ofChain, ({ reader }, given) =>
    reader.dispute(given.chain, given.id),
  ),
  route(
    "/operators",
    "Accounts that have claimed or challenged, the last to act first",
    "Operators",
    { chain: chainFilter, limit, cursor },
    ({ reader }, given) => reader.operators(given.chain, given.limit, given.cursor),
  ),
  route("/operators/{chain}/{address}", "One account", "OperatorSummary", { chain, address }, ({ reader }, given) =>
    reader.operator(given.chain, addressSchema.parse(given.address.toLowerCase())),
  ),
  route(
    "/search",
    "By the beginning of an id, hash or address (four digits at least), or by words of what builds are of",
    "SearchHits",
    { q: z.string().min(1).max(mostQuestionCharacters).describe("What is looked for."), limit },
    ({ reader }, { q, limit }) => ({ items: reader.search(q, limit) }),
  ),
  route("/watch", "What those who watch should look at now", "Watch", { chain: chainFilter }, ({ reader }, { chain }) =>
    reader.watch(chain),
  ),
];

/** A route for a path, and what the path says of its parameters. */
export function routeAt(path: string): { readonly route: Route; readonly given: Record<string, string> } | undefined {
  const parts = path.split("/");
  for (const route of routes) {
    const wanted = route.path.split("/");
    if (wanted.length !== parts.length) continue;
    const given: Record<string, string> = {};
    const fits = wanted.every((part, i) => {
      const name = /^\{(.*)\}$/.exec(part)?.[1];
      if (name !== undefined) given[name] = parts[i]!;
      return name !== undefined || part === parts[i];
    });
    if (fits) return { route, given };
  }
  return undefined;
}
