#!/usr/bin/env node
// Stands in for GitHub's `gh api` with comments and issues in a file (GH_STATE), as far as our workflows use it. Filters are
// run by jq, page by page, as gh does with --paginate.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const [command, ...args] = process.argv.slice(2);
if (command !== 'api' || !process.env.GH_TOKEN) throw new Error(`gh ${command}: not here`);
const state = JSON.parse(readFileSync(process.env.GH_STATE, 'utf8'));
let [method, path, filter, paginate] = ['GET', '', '', false];
const body = {};
while (args.length > 0) {
  const arg = args.shift();
  if (arg === '--method') method = args.shift();
  else if (arg === '--jq') filter = args.shift();
  else if (arg === '--paginate') paginate = true;
  else if (arg === '--field' || arg === '--raw-field') {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(args.shift());
    body[name] = arg === '--field' && value.startsWith('@') ? readFileSync(value.slice(1), 'utf8') : value;
  } else if (arg !== '--silent') path = arg;
}
state.calls.push(`${method} ${path}`);

const ME = { login: 'github-actions[bot]' };
const [, number] = /^repos\/acme\/shop\/issues\/(\d+)\/comments$/.exec(path) ?? [];
const [, comment] = /^repos\/acme\/shop\/issues\/comments\/(\d+)$/.exec(path) ?? [];
const [, issue] = /^repos\/acme\/shop\/issues\/(\d+)$/.exec(path) ?? [];
const issues = path.split('?')[0] === 'repos/acme/shop/issues';
const id = () => Math.max(0, ...[...state.comments, ...state.issues].map((each) => each.id)) + 1;
const replace = (found) => {
  if (!found) throw new Error(`404: ${path}`);
  Object.assign(found, body);
};
if (method === 'GET' && (number || issues)) {
  const open = state.issues.filter((each) => each.state === 'open');
  const all = number ? state.comments.filter((each) => String(each.issue) === number) : open;
  // Two on a page, so that what matters is not always on the first.
  for (let at = 0; at === 0 || (paginate && at < all.length); at += 2) {
    const input = JSON.stringify(all.slice(at, at + 2));
    const { stdout, stderr, status } = spawnSync('jq', ['--raw-output', filter], { input, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    process.stdout.write(stdout);
  }
} else if (method === 'POST' && number) state.comments.push({ id: id(), issue: Number(number), user: ME, ...body });
else if (method === 'POST' && issues) state.issues.push({ id: id(), number: id(), user: ME, state: 'open', ...body });
else if (method === 'PATCH' && comment) replace(state.comments.find((each) => String(each.id) === comment));
else if (method === 'PATCH' && issue) replace(state.issues.find((each) => String(each.number) === issue));
else throw new Error(`404: ${method} ${path}`);
writeFileSync(process.env.GH_STATE, JSON.stringify(state));
