// What is published.
import { execFileSync } from 'node:child_process';

export async function run() {
  const [{ size }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']).toString());
  return { rows: [{ work: 'package, packed', unit: 'MB', tap: [size / 1e6], limit: 5 }] };
}
