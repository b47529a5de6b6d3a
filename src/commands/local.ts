import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';
import { clients } from '../aws/clients.ts';
import { contexts } from '../aws/context.ts';
import { loadConfig } from '../config/load.ts';
import { names } from '../config/names.ts';
import { Exit, type ExitCode } from '../engine/errors.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { writableCache } from '../local/cache.ts';
import { startLocalAws, stopLocalAws } from '../local/server.ts';
import { setSecret } from '../secrets.ts';

export interface LocalUpOptions extends GlobalOptions {
  readonly bare?: boolean;
  readonly port?: number;
  /** `127.0.0.1:5000` */
  readonly registry?: string;
  readonly tls?: boolean;
}

const ACCOUNT = '123456789012';
/** What is running, for `local down`. The variable lets two of them live side by side. */
const stateFile = (): string => process.env.TAP_LOCAL_STATE ?? join(writableCache(), 'local.json');

const caFile = (): string => stateFile().replace(/(\.json)?$/, '-ca.pem');

/** Starts a fresh local AWS in the background and prints the variables that lead to it, and where its stand-ins are. */
export async function localUp(options: LocalUpOptions, io: Io): Promise<ExitCode> {
  const config = await loadConfig(options.config, options.env);
  await stopRunning();
  await mkdir(dirname(stateFile()), { recursive: true });
  const local = await startLocalAws({
    persist: true,
    port: options.port,
    registry: options.registry,
    tls: options.tls ? { names: [config.domain, `api.${config.domain}`], caFile: caFile() } : undefined,
    onProgress: (text) => io.err(`${text}\n`),
  });
  if (options.tls) await keepTrust(io.env.NODE_EXTRA_CA_CERTS);
  await writeFile(stateFile(), JSON.stringify({ pid: local.pid, endpoint: local.endpoint }));
  const variables = {
    AWS_ENDPOINT_URL: local.endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: config.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(options.tls && { NODE_EXTRA_CA_CERTS: caFile() }),
  };
  // What else is set would lead elsewhere: a profile wins over keys, and an endpoint of one service over that of all.
  const others = Object.keys(io.env).filter(
    (name) => (/^AWS_(?!SDK_)/.test(name) || ours(name, io)) && !(name in variables),
  );
  if (!options.bare) {
    for (const name of others) delete process.env[name];
    Object.assign(process.env, variables);
    await prepare(config, io);
  }
  const standIns = { siteUrl: local.site, apiUrl: local.api };
  if (options.json) io.out(`${JSON.stringify({ ...variables, ...standIns, pid: local.pid })}\n`);
  else {
    if (others.length > 0) io.out(`unset ${others.join(' ')}\n`);
    for (const [name, value] of Object.entries(variables)) io.out(`export ${name}=${quoted(value)}\n`);
    io.out(`# stand-in for the site on CloudFront: ${local.site}\n`);
    io.out(`# stand-in for the API behind the load balancer (no container runs): ${local.api}\n`);
  }
  return Exit.done;
}

/** Stops the local AWS that `local up` started; its contents are lost. */
export async function localDown(_options: GlobalOptions, io: Io): Promise<ExitCode> {
  const endpoint = await stopRunning();
  io.out(endpoint ? `Stopped the local AWS at ${endpoint}.\n` : 'No local AWS was running.\n');
  const set = Object.keys(io.env).filter(
    (name) => /^AWS_(ENDPOINT_URL|ACCESS_KEY_ID|SECRET_ACCESS_KEY)$/.test(name) || ours(name, io),
  );
  if (endpoint && io.env.AWS_ENDPOINT_URL === endpoint)
    io.out(`This shell still leads there; to leave: unset ${set.join(' ')}\n`);
  return Exit.done;
}

/** NODE_EXTRA_CA_CERTS names one file: what it had so far is trusted still. */
async function keepTrust(before: string | undefined): Promise<void> {
  if (!before || before === caFile()) return;
  await appendFile(caFile(), `\n${await readFile(before, 'utf8').catch(() => '')}`);
}

/** Whether a variable leads to the certificate of an authority that is gone with its local AWS. */
const ours = (name: string, io: Io): boolean => name === 'NODE_EXTRA_CA_CERTS' && io.env[name] === caFile();

/** For a shell. */
const quoted = (value: string): string => (/^[\w./:@-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);

/** What an environment needs from outside: a hosted zone for the domain, and the Google client's credentials. */
async function prepare(config: Awaited<ReturnType<typeof loadConfig>>, { onCall }: Io): Promise<void> {
  const { region, domain, project, env } = config;
  const aws = clients({ region, readonly: () => false, onCall });
  await aws(Route53Client).send(new CreateHostedZoneCommand({ Name: domain, CallerReference: domain }));
  if (!config.auth.google) return;
  const cx = contexts({ project, env, account: ACCOUNT, region, partition: 'aws' }, aws)({ sweep: false });
  await setSecret(
    cx,
    names(config, ACCOUNT).secrets.googleOauth,
    JSON.stringify({ client_id: 'local.apps.googleusercontent.com', client_secret: 'local' }),
  );
}

/** The endpoint of the server that was stopped, if one was running. */
async function stopRunning(): Promise<string | undefined> {
  let running: { pid: number; endpoint: string };
  try {
    running = JSON.parse(await readFile(stateFile(), 'utf8')) as typeof running;
  } catch {
    return undefined;
  }
  await Promise.all([stateFile(), caFile()].map((file) => rm(file, { force: true })));
  return (await stopLocalAws(running.endpoint, running.pid)) ? running.endpoint : undefined;
}
