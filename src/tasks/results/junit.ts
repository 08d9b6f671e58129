import { SaxesParser } from "saxes";
import { badResults } from "./tap.ts";
import { mostTests, nameOf, type TestCase } from "./testCase.ts";

const mostCharacters = 2 ** 24;
/** Elements within each other. */
const mostDepth = 64;

/**
 * The tests of a report in the form that JUnit and most others write. It comes from the project under test: a document type, with
 * which entities could be defined, is refused as well as what is no XML.
 * @throws AssayError `tasks/bad-results`
 */
export function parseJunit(text: string, file: string): TestCase[] {
  if (text.length > mostCharacters) throw badResults(file, `has more than ${mostCharacters} characters`);
  const tests: TestCase[] = [];
  const open: string[] = [];
  let current: { name: string; outcome: TestCase["outcome"] } | undefined;
  const parser = new SaxesParser();
  parser.on("doctype", () => {
    throw badResults(file, "has a document type, which no report needs");
  });
  parser.on("error", (cause) => {
    throw badResults(file, `is no XML: ${cause.message.slice(0, 200)}`, cause);
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (open.length === 0 && name !== "testsuites" && name !== "testsuite")
      throw badResults(file, `is no report of JUnit: it begins with ${JSON.stringify(name.slice(0, 80))}`);
    if (open.push(name) > mostDepth) throw badResults(file, `is nested deeper than ${mostDepth} levels`);
    if (name === "testcase") {
      if (tests.length === mostTests) throw badResults(file, `has more than ${mostTests} tests`);
      const { classname, name: own = `test ${tests.length + 1}` } = attributes;
      current = { name: nameOf(classname === undefined ? own : `${classname}.${own}`), outcome: "passed" };
    } else if (current !== undefined && (name === "failure" || name === "error")) {
      current.outcome = "failed";
    } else if (current?.outcome === "passed" && name === "skipped") {
      current.outcome = "skipped";
    }
  });
  parser.on("closetag", ({ name }) => {
    open.pop();
    if (name !== "testcase" || current === undefined) return;
    tests.push(current);
    current = undefined;
  });
  parser.write(text).close();
  return tests;
}
