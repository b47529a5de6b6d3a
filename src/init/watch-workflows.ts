import type { Pipelines } from './deploy-workflows.ts';
import { checkout, credentials, indent, node, runs, stepList, tap } from './steps.ts';

type Watching = Pick<Pipelines, 'config' | 'file' | 'account' | 'roles'>;

/** Hands a text to the next job, which may write to GitHub but has neither the code nor AWS. */
const handOver = (name: string, file: string): string => `end=$(openssl rand -hex 16)
{
  echo '${name}<<'"$end"
  cat ${file}
  echo "$end"
} >> "$GITHUB_OUTPUT"`;

/** On pull requests that change the config: what it would change in AWS, in one comment. */
export function planWorkflow({ config, account, roles, file }: Watching): string {
  return `# Written by \`tap init\`.
name: plan

on:
  pull_request:
    paths: [${file}]

permissions: {}

concurrency:
  group: plan-\${{ github.event.pull_request.number }}
  cancel-in-progress: true

defaults:
  run:
    shell: bash

jobs:
  validate:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read
    steps:
${stepList(checkout(), node, runs(tap('validate', file)))}

  # Reads AWS. Pull requests from forks get no credentials.
  plan:
    needs: validate
    if: github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      id-token: write # to sign in to AWS
    outputs:
      markdown: \${{ steps.plan.outputs.markdown }}
    steps:
${stepList(
  checkout(),
  node,
  credentials(roles.plan, account, config.region),
  `- id: plan
  run: |
    ${tap('plan --markdown', file)} > plan.md
${indent(handOver('markdown', 'plan.md'), 4)}`,
)}

  comment:
    needs: plan
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      pull-requests: write
    steps:
      - env:
          GH_TOKEN: \${{ github.token }}
          PULL_REQUEST: \${{ github.event.pull_request.number }}
          PLAN: \${{ needs.plan.outputs.markdown }}
        run: |
          marker='<!-- tap plan -->'
          printf '%s\\n' "$marker" "$PLAN" > comment.md
          comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
          ours=$(gh api --paginate "$comments" --jq "
            .[] | select(.user.login == \\"github-actions[bot]\\" and (.body | startswith(\\"$marker\\"))) | .id
          " | tail -n 1)
          if [ -n "$ours" ]; then
            gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$ours" --field body=@comment.md
          else
            gh api --silent --method POST "$comments" --field body=@comment.md
          fi
`;
}

/** Every night: what was changed in AWS by hand, in one issue that is open as long as that is so. */
export function driftWorkflow({ config, account, roles, file }: Watching): string {
  return `# Written by \`tap init\`.
name: drift

on:
  schedule:
    - cron: '23 4 * * *'
  workflow_dispatch:

permissions: {}

concurrency:
  group: drift
  cancel-in-progress: false

defaults:
  run:
    shell: bash

jobs:
  drift:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
      id-token: write # to sign in to AWS
    outputs:
      found: \${{ steps.drift.outputs.found }}
      markdown: \${{ steps.drift.outputs.markdown }}
    steps:
${stepList(
  checkout(),
  node,
  credentials(roles.plan, account, config.region),
  `- id: drift
  run: |
    status=0
    ${tap('drift --markdown', file)} > drift.md || status=$?
    case $status in
      0) echo 'found=no' >> "$GITHUB_OUTPUT" ;;
      3) echo 'found=yes' >> "$GITHUB_OUTPUT" ;;
      *) exit "$status" ;;
    esac
${indent(handOver('markdown', 'drift.md'), 4)}`,
)}

  issue:
    needs: drift
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      issues: write
    steps:
      - env:
          GH_TOKEN: \${{ github.token }}
          FOUND: \${{ needs.drift.outputs.found }}
          DRIFT: \${{ needs.drift.outputs.markdown }}
        run: |
          title='AWS was changed outside tap'
          printf '%s\\n' "$DRIFT" > drift.md
          issues="repos/$GITHUB_REPOSITORY/issues"
          ours=$(gh api --paginate "$issues?state=open&per_page=100" --jq "
            .[] | select(.user.login == \\"github-actions[bot]\\" and .title == \\"$title\\") | .number
          " | tail -n 1)
          if [ "$FOUND" = yes ] && [ -n "$ours" ]; then
            gh api --silent --method PATCH "$issues/$ours" --field body=@drift.md
          elif [ "$FOUND" = yes ]; then
            gh api --silent --method POST "$issues" --raw-field title="$title" --field body=@drift.md
          elif [ -n "$ours" ]; then
            gh api --silent --method PATCH "$issues/$ours" --raw-field state=closed
          fi
`;
}
