import type { IncomingMessage, ServerResponse } from "node:http";
import { AssayError, isAssayError } from "../../../core/errors.ts";
import { faultsOf } from "../../../core/json.ts";
import { packageVersion } from "../../../core/node/packageFiles.ts";
import { printable } from "../../../core/printable.ts";
import { sendError, sendJson } from "../answering.ts";
import { EventStreams } from "../eventStreams.ts";
import type { IndexService } from "../indexService.ts";
import { openApi } from "./openApi.ts";
import { type Route, routeAt } from "./routes.ts";
import type { ExplorerStatus } from "./schemas.ts";

const base = "api/v1";

/** Answers questions about the index by the table of routes. */
export class ExplorerApi {
  private readonly streams = new EventStreams();
  private readonly version = packageVersion();
  private readonly document = openApi(this.version);
  private readonly stopListening: () => void;

  constructor(
    private readonly index: IndexService,
    private readonly waiting: () => number,
  ) {
    this.stopListening = index.onChange((change) => this.streams.tell(change));
  }

  close(): void {
    this.stopListening();
    this.streams.close();
  }

  status(): ExplorerStatus {
    const chains = this.index.chains();
    const healthy = this.index.reader !== undefined && chains.every(({ fault }) => fault === undefined);
    return { version: this.version, healthy, waiting: this.waiting(), chains };
  }

  /** @param path of the request, without the slash at its beginning. @param query what follows the question mark. */
  async answer(request: IncomingMessage, response: ServerResponse, path: string, query: string): Promise<void> {
    const fail = async (status: number, code: string, message: string) =>
      await sendError(request, response, status, code, message);
    const below = path.startsWith(`${base}/`) ? path.slice(base.length) : undefined;
    if (below === "/openapi.json") return await sendJson(request, response, this.document);
    if (below === "/events") {
      if (request.method === "HEAD") return await fail(405, "explorer/bad-question", "a stream has no head alone");
      if (this.streams.add(response)) return;
      return await fail(503, "explorer/busy", "too many listen already: ask again from time to time instead");
    }
    const found = below === undefined ? undefined : routeAt(below);
    if (found === undefined) {
      return await fail(404, "explorer/nothing-here", `there is no such question: /${base}/openapi.json lists them`);
    }
    const { reader } = this.index;
    if (reader === undefined) return await fail(503, "explorer/no-index", "the index is being opened: ask again");
    let value: unknown;
    try {
      const given = givenIn(found.route, found.given, query);
      value = found.route.answer({ service: this.index, reader, status: () => this.status() }, given);
    } catch (error) {
      if (isAssayError(error, "explorer/bad-question")) return await fail(400, error.code, error.message);
      this.index.noteFault(error);
      return await fail(503, "explorer/no-index", "the index cannot be read for now");
    }
    if (value === undefined) return await fail(404, "explorer/unknown", "the index has none of this id");
    await sendJson(request, response, value);
  }
}

/** The parameters of a question. @throws AssayError `explorer/bad-question` that names all that are wrong */
function givenIn({ parameters }: Route, inPath: Readonly<Record<string, string>>, query: string): never {
  const given = new Map(Object.entries(inPath));
  for (const [name, value] of new URLSearchParams(query)) {
    if (given.has(name)) throw bad(`${printable(name, 40)}: is given twice`);
    given.set(name, value);
  }
  const checked = parameters.safeParse(Object.fromEntries(given));
  if (checked.success) return checked.data as never;
  throw bad(
    faultsOf(checked.error)
      .map(({ path, why }) => printable(path.length === 0 ? why : `${path.join(".")}: ${why}`, 200))
      .join("; "),
  );
}

function bad(message: string): AssayError<"explorer/bad-question"> {
  return new AssayError("explorer/bad-question", message);
}
