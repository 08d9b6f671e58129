import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";

/** Answers a request for the repositories in a folder, by `git http-backend`. */
export function answerByGit(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url!, "https://host");
  const header = (name: string) => String(request.headers[name] ?? "");
  const backend = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env.PATH,
      ...{ GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: "1", PATH_INFO: decodeURIComponent(pathname) },
      ...{ REQUEST_METHOD: request.method, QUERY_STRING: search.slice(1), CONTENT_TYPE: header("content-type") },
      ...{ GIT_PROTOCOL: header("git-protocol"), HTTP_CONTENT_ENCODING: header("content-encoding") },
      ...(request.headers["content-length"] && { CONTENT_LENGTH: header("content-length") }),
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  backend.stdin.on("error", () => {});
  request.pipe(backend.stdin);
  let head = Buffer.alloc(0);
  const readHead = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    backend.stdout.off("data", readHead);
    for (const line of head.subarray(0, end).toString("latin1").split("\r\n")) {
      const [, name, value] = /^([^:]+): *(.*)$/.exec(line)!;
      if (name === "Status") response.statusCode = Number.parseInt(value!, 10);
      else response.setHeader(name!, value!);
    }
    response.write(head.subarray(end + 4));
    backend.stdout.pipe(response);
  };
  backend.stdout.on("data", readHead);
  backend.on("close", () => response.end());
}
