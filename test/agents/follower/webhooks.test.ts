import { createHmac } from "node:crypto";
import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addressOf } from "../../../src/agents/follower/webhookMessage.ts";
import { serveWebhooks, type WebhookServer } from "../../../src/agents/follower/webhooks.ts";

const secret = "a secret of sixteen or more";
const repositories = ["git+https://Forge.example/owner/project.git", "git+ssh://git@other.example:2222/x/y"];
let server: WebhookServer;
let told: string[];
const lines: string[] = [];
const write = (_: unknown, message: string) => void lines.push(message);
const log = { info: write, warn: write, error: write, debug: write };

beforeAll(async () => {
  server = await serveWebhooks({
    port: 0,
    secret,
    repositories,
    log,
    onMessage: (repository) => told.push(repository),
  });
});
beforeEach(() => {
  told = [];
});
afterAll(async () => await server.close());

const hmac = (body: string | Uint8Array, key = secret) => createHmac("sha256", key).update(body).digest("hex");
const post = async (body: string, headers: Record<string, string>) => {
  const answer = await fetch(server.url, { method: "POST", body, headers });
  return { status: answer.status, text: (await answer.text()).trim() };
};
const push = JSON.stringify({
  ref: "refs/heads/main",
  repository: { clone_url: "https://forge.example/owner/project.git" },
});

describe("a webhook", () => {
  it.each<[string, string, Record<string, string>]>([
    ["GitHub", push, { "x-hub-signature-256": `sha256=${hmac(push)}` }],
    ["Gitea", push, { "x-gitea-signature": hmac(push) }],
    ["Forgejo", push, { "x-forgejo-signature": hmac(push) }],
  ])("of %s brings the look at its repository forward", async (_, body, headers) => {
    expect(await post(body, headers)).toEqual({ status: 202, text: "will look" });
    expect(told).toEqual([repositories[0]]);
  });

  it("of GitHub as a form, and of GitLab with its token, do the same", async () => {
    const form = new URLSearchParams({ payload: push }).toString();
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "x-hub-signature-256": `sha256=${hmac(form)}`,
    };
    expect((await post(form, headers)).status).toBe(202);
    const body = JSON.stringify({ project: { git_ssh_url: "git@other.example:x/y.git" } });
    expect((await post(body, { "x-gitlab-token": secret })).status).toBe(202);
    expect(told).toEqual(repositories);
  });

  it.each<[string, string, Record<string, string>, number]>([
    ["nobody's signature", push, {}, 401],
    ["a stranger's signature", push, { "x-hub-signature-256": `sha256=${hmac(push, "another secret, as long")}` }, 401],
    ["a signature of something else", push, { "x-gitea-signature": hmac(`${push} `) }, 401],
    ["a signature that is none", push, { "x-hub-signature-256": "sha256=" }, 401],
    ["a stranger's token", push, { "x-gitlab-token": "guess" }, 401],
    ["another repository", "{}", { "x-gitlab-token": secret }, 404],
    ["a repository by half", '{"repository":{"clone_url":7,"url":null}}', { "x-gitlab-token": secret }, 404],
    ["no JSON", "hello", { "x-gitlab-token": secret }, 400],
    ["null", "null", { "x-gitlab-token": secret }, 404],
  ])("with %s is refused", async (_, body, headers, status) => {
    expect((await post(body, headers)).status).toBe(status);
    expect(told).toEqual([]);
  });

  it("that is too large is refused before it is read, and while it is", async () => {
    const large = "x".repeat(2 ** 23 + 1);
    expect((await post(large, { "x-gitlab-token": secret }).catch(() => ({ status: 413 }))).status).toBe(413);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(server.url, { method: "POST", headers: { "x-gitlab-token": secret } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject);
      for (let i = 0; i <= 8; i++) sent.write(Buffer.alloc(2 ** 20));
    });
    expect(status).toBe(413);
    expect((await fetch(server.url)).status).toBe(405);
  });

  it("is not waited for: many that say nothing do not keep another out", async () => {
    const { port } = new URL(server.url);
    const silent = Array.from({ length: 20 }, () => connect(Number(port), "127.0.0.1"));
    expect((await post(push, { "x-forgejo-signature": hmac(push) })).status).toBe(202);
    for (const socket of silent) socket.destroy();
  });
});

it("needs a secret that cannot be guessed, and a port that is free", async () => {
  const options = { repositories, log, onMessage: () => {} };
  await expect(serveWebhooks({ ...options, port: 0, secret: "short" })).rejects.toMatchObject({
    code: "agents/bad-secret",
  });
  const port = Number(new URL(server.url).port);
  await expect(serveWebhooks({ ...options, port, secret })).rejects.toMatchObject({ code: "agents/port-taken" });
});

it.each([
  ["https://forge.example/a/b.git", "forge.example/a/b"],
  ["git+https://user:x@FORGE.example/a/b/", "forge.example/a/b"],
  ["git@forge.example:a/b.git", "forge.example/a/b"],
  ["ssh://git@forge.example:22/a/b", "forge.example/a/b"],
  ["git+file:///srv/git/p.git", "/srv/git/p"],
  ["no address", undefined],
])("%s is the repository %s", (text, address) => {
  expect(addressOf(text)).toBe(address);
});
