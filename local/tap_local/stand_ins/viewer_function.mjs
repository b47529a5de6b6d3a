// Runs CloudFront Functions for viewer_function.py: one {code, event} a line in, one {result} or {error} a line out.
// A plain JavaScript engine: what CloudFront's runtime leaves out or forbids is not refused here.
import { createInterface } from 'node:readline';
import { runInNewContext } from 'node:vm';

const LONGEST_MS = 500;

createInterface({ input: process.stdin }).on('line', async (line) => {
  let answer;
  try {
    const { code, event } = JSON.parse(line);
    answer = { result: await runInNewContext(`${code}\nhandler(event)`, { event }, { timeout: LONGEST_MS }) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
