/** What Radicle's CI broker sends to an adapter. */
function repositoryOf(id: string) {
  return {
    id,
    name: "project",
    description: "",
    private: false,
    default_branch: "main",
    delegates: ["did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"],
  };
}

const author = { id: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", alias: "someone" };

/** @param commits the newest first. */
export function pushRequest(id: string, branch: string, commits: readonly string[]) {
  const after = commits[0] ?? "c".repeat(40);
  const head = { request: "trigger", version: 1, event_type: "push", repository: repositoryOf(id) };
  return { ...head, pusher: author, before: after, after, branch, commits };
}

/** @param commits the newest first. */
export function patchRequest(id: string, commits: readonly string[], more: object = {}) {
  const [after] = commits;
  const patch = {
    ...{ id: "d".repeat(40), author, title: "Change", state: { status: "open", conflicts: [] } },
    ...{ before: commits.at(-1), after, commits, target: "e".repeat(40), labels: [], assignees: [], revisions: [] },
  };
  return {
    request: "trigger",
    version: 1,
    event_type: "patch",
    repository: repositoryOf(id),
    action: "Created",
    patch,
    ...more,
  };
}
