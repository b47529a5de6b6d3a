// Stands between a command and AWS: hands requests on and remembers the answers, then gives them again by itself, so that
// of the time of AWS only a chosen delay is left.
import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** Of the connection, not of the answer. */
const HOP = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding', 'content-length']);

/**
 * @param {string} target `http://127.0.0.1:PORT`
 * @returns {Promise<{ endpoint: string, replay: (ms: number) => void, missed: () => string[], stop: () => void }>}
 *   `replay`: from now on nothing is asked of the target, and each answer comes after `ms`; `missed`: requests that
 *   were not recorded, which it has refused
 */
export async function recorder(target) {
  const known = new Map();
  const missed = [];
  let latency;
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const key = keyOf(request, body);
    if (latency === undefined && !known.has(key)) known.set(key, forward(target, request, body));
    const answer = await known.get(key);
    if (!answer) {
      process.stderr.write(`not recorded: ${key.slice(0, 500)}\n`);
      missed.push(key);
    }
    if (latency) await delay(latency);
    const { status, headers, content } = answer ?? { status: 400, headers: {}, content: 'not recorded' };
    response.writeHead(status, { ...headers, 'content-length': content.length }).end(content);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    replay: (ms) => {
      latency = ms;
    },
    missed: () => missed,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What is asked, of which service and region: all but the signature and what is new in each request. */
function keyOf({ method, url, headers }, body) {
  const scope = /Credential=[^/]+\/\d+\/([^/]+\/[^/]+)/.exec(headers.authorization)?.[1];
  return [method, url, scope, headers['x-amz-target'], body.toString('latin1')].filter(Boolean).join(' ');
}

async function forward(target, { method, url, headers }, body) {
  const [response] = await once(send(new URL(url, target), { method, headers }).end(body), 'response');
  const content = await buffer(response);
  const kept = Object.entries(response.headers).filter(([name]) => !HOP.has(name));
  return { status: response.statusCode, headers: Object.fromEntries(kept), content };
}
