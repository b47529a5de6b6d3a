import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Control, StandIns } from '../../src/local/control.ts';

const DOMAIN = 'shop.example.com';
export const GOOGLE = { client_id: 'e2e.apps.googleusercontent.com', client_secret: 'GOCSPX-never-to-be-seen' };

type Settings = Record<string, object>;

/** `backend` and `frontend` lead the proofs of a deploy to the stand-ins; they change nothing in AWS. */
export const config = ({ api, site }: StandIns, more: Settings = {}): object => ({
  project: 'shop',
  domain: DOMAIN,
  github: { repository: 'example-org/shop' },
  ...more,
  backend: { smokeUrl: `${api}/health`, migrate: ['alembic', 'upgrade', 'head'], ...more.backend },
  frontend: { url: site, ...more.frontend },
});

/** What is there before the command. `blank`: what a person brings along. `live`: all made, and both halves deployed. */
export type Start = 'blank' | 'live' | 'live, per-az';

export interface Scenario {
  readonly start: Start;
  readonly args: readonly string[];
  /** The config of the command, where it is not that of the start. */
  readonly settings?: Settings;
  /** What must be so in the end, beyond what is in the account. @returns what is wrong */
  wrong?(aws: StandIns): Promise<string | undefined>;
}

export const PER_AZ: Settings = { network: { nat: 'per-az' } };
export const IMAGES = { live: 'a'.repeat(40), next: 'b'.repeat(40) };
const UP = ['up', '--yes'];

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  up: { start: 'blank', args: UP },
  'up, nat per-az': { start: 'live', args: UP, settings: PER_AZ },
  'up, nat single': { start: 'live, per-az', args: UP },
  'up, other sizes': {
    start: 'live',
    args: UP,
    settings: { database: { instanceClass: 'db.t4g.small' }, backend: { cpu: 512, memory: 1024 } },
  },
  destroy: { start: 'live', args: ['destroy', '--yes', '--confirm', 'shop'] },
  'deploy-backend': {
    start: 'live',
    args: ['deploy-backend', '--image', IMAGES.next],
    wrong: async ({ api }) => {
      const { status } = await fetch(`${api}/health`);
      return status === 200 ? undefined : `the API answers ${status}`;
    },
  },
  'deploy-frontend': {
    start: 'live',
    args: ['deploy-frontend', '--dir', 'two'],
    wrong: async ({ site }) => {
      const page = await (await fetch(site)).text();
      return page.includes('<title>two</title>') ? undefined : `the site shows ${page.slice(0, 80)}`;
    },
  },
};

/** The built sites `one` and `two`, beside the config. */
export async function writeSites(folder: string): Promise<void> {
  for (const version of ['one', 'two']) {
    await rm(join(folder, version), { recursive: true, force: true });
    const script = `assets/index-${version}Qx7Zk2a.js`;
    const files = {
      'index.html': `<!doctype html><title>${version}</title><script src="${script}"></script>`,
      [script]: `console.log(${JSON.stringify(version)})`,
      'assets/style-BcDqX4_p.css': 'body { margin: 0 }',
      'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      'robots.txt': 'User-agent: *',
    };
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, version, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }
}

/** Images that the pipeline has pushed. */
export async function pushImages(aws: Control): Promise<void> {
  for (const tag of Object.values(IMAGES)) await aws.set('image', { repository: 'shop-backend', tag });
}

export { DOMAIN };
