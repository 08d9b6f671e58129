import { writeFile } from "node:fs/promises";
import { parseContentId } from "../../../src/store/contentId.ts";
import { openStore } from "../../../src/store/node/openStore.ts";

/** `fetch.ts <content> <file> <store...>`: brings a content from stores, checked by its sha256. Prints how many bytes it has. */
const [id, file, ...urls] = process.argv.slice(2) as [string, string, ...string[]];
const store = openStore(urls.map((url) => ({ url, write: false })));
const bytes = await store.get(parseContentId(id), 2 ** 26);
await writeFile(file, bytes);
console.log(JSON.stringify({ size: bytes.length }));
