/** What a Dockerfile says about the image that is deployed. */
export interface Dockerfile {
  /** The stage that is deployed: `prod`, else the last; its number when it has no name. */
  readonly target: string;
  readonly port?: number;
  /** Path in the health check. */
  readonly healthPath?: string;
  /** `3.13`: of the Python image it is made from. */
  readonly python?: string;
}

interface Stage {
  readonly name?: string;
  readonly from: string;
  readonly text: string;
}

/** Names that a stage for production has, the likeliest first. */
const TARGETS = ['prod', 'production', 'release', 'runtime'];

/** Reads what can be read without building. @returns undefined when it has no stage */
export function readDockerfile(text: string): Dockerfile | undefined {
  const instructions = text.replace(/^\s*#.*\n/gm, '').replace(/\\\r?\n/g, ' ');
  const [globals = '', ...parts] = instructions.split(/^\s*FROM\s+/im);
  const stages: Stage[] = parts.map((part) => {
    const [, from = '', name] = /^(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(part) ?? [];
    return { from: filledIn(from, globals), text: part, ...(name && { name: name.toLowerCase() }) };
  });
  const last = stages.at(-1);
  if (!last) return undefined;
  const named = TARGETS.map((name) => stages.find((stage) => stage.name === name)).find(Boolean);
  const chosen = named ?? last;
  // An image has what the stages below it say as well.
  const below: Stage[] = [];
  for (let stage: Stage | undefined = chosen; stage && !below.includes(stage); ) {
    below.push(stage);
    const { from }: Stage = stage;
    stage = stages.find(({ name }) => name === from.toLowerCase());
  }
  const first = (pattern: RegExp): string | undefined =>
    below.map((stage) => pattern.exec(filledIn(stage.text, globals + stage.text))?.[1]).find(Boolean);
  const port = Number(first(/^\s*EXPOSE\s+(\d+)/im));
  const healthPath = first(/^\s*HEALTHCHECK\s.*https?:\/\/[^/\s'"]+(\/[^\s'")\]|;&]*)/im);
  const python = /(?:^|\/)python:(\d+\.\d+)/.exec(below.at(-1)?.from ?? '')?.[1];
  return {
    target: chosen.name ?? String(stages.indexOf(chosen)),
    ...(port > 0 && { port }),
    ...(healthPath && { healthPath }),
    ...(python && { python }),
  };
}

/** With the defaults of ARG and ENV in the place of `$NAME` and `${NAME}`. */
const filledIn = (text: string, definitions: string): string =>
  text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => {
    const value = new RegExp(`^\\s*(?:ARG|ENV)\\s+(?:.*\\s)?${name}[= ]["']?([^\\s"']+)`, 'im').exec(definitions)?.[1];
    return value ?? whole;
  });
