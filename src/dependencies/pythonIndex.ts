import { z } from "zod";
import { AssayError } from "../core/errors.ts";
import { checkValue, parseJson } from "../core/json.ts";
import { download } from "./download.ts";
import { mostAnswerBytes } from "./limits.ts";

/** A file of a package, as an index lists it. */
export interface IndexedFile {
  readonly file: string;
  readonly url: string;
  readonly sha256: string;
}

const schema = z.object({
  files: z.array(
    z.object({
      filename: z.string().max(1000),
      url: z.string().max(4096),
      hashes: z.object({ sha256: z.string().optional() }),
    }),
  ),
});
const accept = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/**
 * The files of one package, from an index of PEP 503 (HTML) or PEP 691 (JSON). Those without a sha256 are left out.
 * @throws AssayError `dependencies/not-found`, `dependencies/unreachable-fault`
 */
export async function pythonIndex(url: string, name: string, signal?: AbortSignal): Promise<IndexedFile[]> {
  const answer = await download(url, { accept, maxBytes: mostAnswerBytes, signal });
  const entry = `python ${name}`;
  if (answer.kind !== "brought") {
    const code = answer.kind === "missing" ? "dependencies/not-found" : "dependencies/unreachable-fault";
    throw new AssayError(code, `the index of ${entry} did not come: ${url} ${answer.why}`, {
      entry,
      whys: [answer.why],
    });
  }
  const text = new TextDecoder().decode(answer.value);
  const files = text.trimStart().startsWith("{") ? fromJson(text, url, entry) : fromHtml(text);
  return files.flatMap(({ file, link, sha256 }) => {
    if (!/^[0-9a-f]{64}$/.test(sha256 ?? "") || !URL.canParse(link, url)) return [];
    const address = new URL(link, url);
    address.hash = "";
    return [{ file, url: address.href, sha256: sha256! }];
  });
}

function fromJson(text: string, url: string, entry: string) {
  const refuse = (why: string, cause?: unknown) => {
    const message = `the index of ${entry} at ${url} is none: ${why}`;
    return new AssayError("dependencies/not-found", message, { entry, whys: [why] }, { cause });
  };
  return checkValue(parseJson(text, refuse), schema, refuse).files.map(({ filename, url: link, hashes }) => {
    return { file: filename, link, sha256: hashes.sha256 };
  });
}

/** Each anchor's text is a file's name, its address ends with `#sha256=` and the digest. */
function fromHtml(text: string) {
  return [...text.matchAll(/<a\s[^>]*?href="([^"]{1,4096})"[^>]*>([^<]{1,1000})<\/a/gi)].map(([, link, file]) => {
    const plain = link!.replaceAll("&amp;", "&");
    return { file: file!.trim(), link: plain, sha256: /#sha256=([0-9a-f]{64})/.exec(plain)?.[1] };
  });
}
