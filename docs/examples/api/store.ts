// Contents by their hash: `get` gives those very bytes, or throws.
import { contentIdOf, memoryStore } from "assay/store";

const store = memoryStore();
const id = await store.put(new TextEncoder().encode("content"));
console.log(id === contentIdOf(await store.get(id, 1024)));
