#!/usr/bin/env bash
# Runs the tasks of the commit that a CI job is for, signs what they come to, also if they fail, and leaves that in a folder.
# For GitHub, Gitea and Forgejo Actions and GitLab CI: docs/following.md shows the lines of the job. It reads, beside the forge's variables:
#   ASSAY_SIGNING_KEY  the text of a signing key's file (assay key new --signing): a secret of the project. Nothing is signed without
#   ASSAY_PASSWORD     its password: another secret
#   ASSAY_PUBLISH      folder for signed results and contents; assay-results when missing
#   ASSAY_TASKS        names of the tasks, with spaces between them; all when missing
#   ASSAY_NOTES        1: adds the results to the notes of the commit (refs/notes/assay) and pushes them to origin
#   ASSAY              the command, with its first arguments; assay when missing
# Exit status: that of assay run. 0: all have succeeded; 8: a task, or a test in it, has failed.
set -euo pipefail

fail() {
  echo "assay.sh: $1" >&2
  exit 2
}

if [ "${GITLAB_CI:-}" = true ]; then
  commit=${CI_COMMIT_SHA:-}
  address=${CI_PROJECT_URL:-}
elif [ "${GITHUB_ACTIONS:-}${GITEA_ACTIONS:-}${FORGEJO_ACTIONS:-}" != "" ]; then
  commit=${GITHUB_SHA:-}
  address=${GITHUB_SERVER_URL:-}/${GITHUB_REPOSITORY:-}
else
  fail "this is not a job of GitHub, Gitea or Forgejo Actions or GitLab CI: use assay run"
fi
[[ $commit =~ ^([0-9a-f]{40}|[0-9a-f]{64})$ ]] || fail "the forge names no commit: GITHUB_SHA or CI_COMMIT_SHA"
[[ $address =~ ^https?://[^/]+/.+ ]] || fail "the forge names no repository: GITHUB_SERVER_URL and GITHUB_REPOSITORY, or CI_PROJECT_URL"

read -r -a assay <<<"${ASSAY:-assay}"
read -r -a tasks <<<"${ASSAY_TASKS:-}"
arguments=(run ${tasks[@]+"${tasks[@]}"} --source . --rev "$commit")
signing_key=${ASSAY_SIGNING_KEY:-}
unset ASSAY_SIGNING_KEY
if [ -z "$signing_key" ]; then
  # As in the jobs of forks, which get no secrets.
  echo "assay.sh: ASSAY_SIGNING_KEY is not set: nothing is signed" >&2
  exec "${assay[@]}" "${arguments[@]}"
fi

publish=${ASSAY_PUBLISH:-assay-results}
mkdir -p "$publish"
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
(umask 077 && printf '%s\n' "$signing_key" >"$private/signing.json")
status=0
"${assay[@]}" "${arguments[@]}" --key "$private/signing.json" --publish "$publish" --uri "git+$address.git" \
  --bundle "$publish/results.intoto.jsonl" || status=$?
[ $status -eq 0 ] || [ $status -eq 8 ] || exit $status

if [ "${ASSAY_NOTES:-}" = 1 ]; then
  notes=refs/notes/assay
  # Another job may push at the same time: then what it has pushed is taken first.
  for try in 1 2 3 4 5; do
    git fetch --quiet origin "+$notes:$notes" || [ -z "$(git ls-remote origin "$notes")" ] || fail "cannot fetch $notes"
    "${assay[@]}" notes add "$publish/results.intoto.jsonl"
    if git push --quiet origin "$notes"; then break; fi
    [ "$try" -lt 5 ] || fail "cannot push $notes: does the job's token have the right to?"
  done
fi
exit $status
