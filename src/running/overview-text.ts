import type { Release } from '../deploy/releases.ts';
import type { Paint } from '../render/style.ts';
import { targetsText } from './healthy.ts';
import { LEDGER, type Overview } from './overview.ts';

/** What a person wants first, in a few lines. @param daysLeft below which a certificate is a worry */
export function overviewText(about: Overview, daysLeft: number, paint: Paint): string {
  const { backend, frontend } = about;
  const isKnown = !about.hidden.includes(LEDGER);
  const rows: [string, readonly string[]][] = [
    ['backend', [...(isKnown ? releaseLines(backend, paint) : []), ...backendLines(backend, paint)]],
    ['frontend', isKnown ? releaseLines(frontend, paint) : []],
    ['alarms', alarmLines(about, paint)],
    ['certificate', certificateLines(about, daysLeft, paint)],
    ['not shown', about.hidden.map((action) => `needs ${action}`)],
  ];
  return rows
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([head, lines]) => lines.map((line, i) => `${(i === 0 ? head : '').padEnd(13)}${line}\n`))
    .join('');
}

function backendLines(backend: Overview['backend'], paint: Paint): string[] {
  const { release, attempt, image = '', placeholder, paused, tasks } = backend;
  const lines: string[] = [];
  // The ledger says what was deployed; somebody may have done something else by hand.
  if (release && attempt?.outcome !== 'running' && !placeholder && !image.endsWith(release.digest))
    lines.push(paint('yellow', `but the service runs another image, ${shortImage(image)}`));
  if (!tasks) return lines;
  const { desired, running, pending } = tasks;
  const count = `${running} of ${desired} tasks run${pending > 0 ? `, ${pending} start` : ''}`;
  if (paused)
    lines.push(
      paint(
        'yellow',
        desired === 0
          ? 'paused: `tap resume` starts its tasks'
          : `paused half-way: ${count}; \`tap pause\` or \`tap resume\``,
      ),
    );
  else if (desired > 0 || running > 0) {
    const text = `${count}${backend.targets ? `, ${targetsText(backend.targets)}` : ''}`;
    const isFine = running >= desired && (!backend.targets || backend.targets.healthy >= desired);
    lines.push(isFine ? text : paint('red', text));
  }
  return lines;
}

/** `sha256:3f2c1a9b5d6e`, or a tag. */
const shortImage = (image: string): string => image.split(/[@/]/).at(-1)?.slice(0, 19) ?? image;

/** `2026-01-31T10:00Z` */
const minute = (time: string): string => time.replace(/:\d\d(\.\d+)?Z$/, 'Z');

function releaseLines({ release, attempt }: { release?: Release; attempt?: Release }, paint: Paint): string[] {
  const lines = [release ? `${nameOf(release)}, ${minute(release.startedAt)} by ${release.who}` : 'no release yet'];
  if (!attempt) return lines;
  const when = `${minute(attempt.startedAt)} by ${attempt.who}`;
  if (attempt.outcome === 'running') lines.push(paint('cyan', `${nameOf(attempt)} is being deployed, ${when}`));
  else {
    const why = attempt.cause ? `: ${attempt.cause}` : '';
    const help = attempt.half === 'backend' ? '; `tap diagnose` explains it' : '';
    lines.push(paint('yellow', `${nameOf(attempt)} ${attempt.outcome}, ${when}${why}${help}`));
  }
  return lines;
}

function nameOf({ id, commit, rollbackTo }: Release): string {
  const notes = [commit && `commit ${commit.slice(0, 7)}`, rollbackTo !== undefined && `back to ${rollbackTo}`];
  const text = notes.filter(Boolean).join(', ');
  return `release ${id}${text && ` (${text})`}`;
}

function alarmLines({ alarms }: Overview, paint: Paint): string[] {
  if (!alarms) return [];
  if (alarms.length === 0) return ['none'];
  return alarms.map(({ name, since, reason }) =>
    paint('red', `${name}${since ? ` since ${minute(since)}` : ''}: ${reason}`),
  );
}

function certificateLines({ certificates }: Overview, worry: number, paint: Paint): string[] {
  return certificates.map(({ region, daysLeft }) => {
    const where = certificates.length > 1 ? ` (${region})` : '';
    if (daysLeft === undefined) return paint('yellow', `not issued yet${where}`);
    const text = `${daysLeft} days left${where}`;
    return daysLeft < worry ? paint('red', text) : text;
  });
}
