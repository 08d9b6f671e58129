import { countWords } from "./words.ts";

const text = "this bundle does what its source says, and nothing that its source does not say";
console.log(text);
for (const [word, count] of countWords(text)) if (count > 1) console.log(`${count} ${word}`);
