import { z } from "zod";
import { routes } from "./routes.ts";
import { answerSchemas } from "./schemas.ts";

/** The document that describes the server, OpenAPI 3.1, from the tables that it answers by. @param version of the package. */
export function openApi(version: string): unknown {
  return {
    openapi: "3.1.0",
    info: {
      title: "Assay explorer",
      version,
      description:
        "Builds, claims, disputes and operators as the contracts' events tell them. Everything is a hint: what counts stands on the chain. " +
        "Amounts are decimal strings in wei, times are seconds of the chain.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "." }],
    paths: {
      ...Object.fromEntries(routes.map((route) => [route.path, { get: operationOf(route) }])),
      "/events": {
        get: {
          operationId: "events",
          summary: "What has changed, as server-sent events: `change` with the chain, its last block and ids of builds",
          responses: {
            "200": { description: "A stream", content: { "text/event-stream": { schema: { type: "string" } } } },
          },
        },
      },
    },
    components: { schemas: componentSchemas() },
  };
}

function operationOf({ path, summary, parameters, answers }: (typeof routes)[number]): unknown {
  const json = (name: string) => ({ "application/json": { schema: { $ref: `#/components/schemas/${name}` } } });
  const { properties = {}, required = [] } = z.toJSONSchema(parameters, { io: "output" });
  return {
    operationId: path
      .replace(/[^a-z]+([a-z]?)/g, (_, letter: string) => letter.toUpperCase())
      .replace(/^./, (c) => c.toLowerCase()),
    summary,
    parameters: Object.entries(properties).map(([name, schema]) => {
      const { description, ...rest } = schema as Readonly<Record<string, unknown>>;
      const isInPath = path.includes(`{${name}}`);
      // What has a default need not be given.
      const isRequired = isInPath || (required.includes(name) && !("default" in rest));
      return {
        name,
        in: isInPath ? "path" : "query",
        required: isRequired,
        ...(description !== undefined && { description }),
        schema: rest,
      };
    }),
    responses: {
      "200": { description: "What the index has", content: json(answers) },
      "304": { description: "Nothing has changed since the answer with this ETag" },
      "400": { description: "The question cannot be answered as it was put", content: json("Error") },
      ...(path.includes("{") && { "404": { description: "The index has none of this id", content: json("Error") } }),
      "503": { description: "The index cannot be read for now", content: json("Error") },
    },
  };
}

function componentSchemas(): unknown {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(answerSchemas)) registry.add(schema as z.ZodType, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, schema]));
}
