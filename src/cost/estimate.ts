import type { Graph, Node } from '../engine/graph.ts';
import type { AnyObserved } from '../engine/kind.ts';
import type { Observations } from '../engine/plan.ts';
import { resolve, Unknown } from '../engine/ref.ts';
import { DATABASE_HOUR, HOURS, PRICES, PRICES_OF, regionFactor } from './prices.ts';

/** US dollars a month. */
export interface CostLine {
  readonly id: string;
  /** 0 when it does not exist yet. */
  readonly before: number;
  /** 0 when it goes. */
  readonly after: number;
}

export interface Estimate {
  /** Of the price table: `2026-11`. */
  readonly prices: string;
  readonly region: string;
  /** Prices are those of us-east-1, since nothing is known of the region. */
  readonly unknownRegion: boolean;
  readonly before: number;
  readonly after: number;
  /** What costs something by itself, before or after. */
  readonly lines: readonly CostLine[];
  /** Ids whose price the table does not have. */
  readonly unpriced: readonly string[];
}

type Spec = Readonly<Record<string, unknown>>;

/**
 * What the environment costs a month by existing, before and after the plan: list prices, without usage. A service counts
 * with its number of tasks in the config, also while it is paused or waits for its first deploy. Pure.
 * @param isOurs whether an observed object belongs to the environment
 */
export function estimate(
  graph: Graph,
  observations: Observations,
  { region, desiredCount, isOurs }: { region: string; desiredCount: number; isOurs: (object: AnyObserved) => boolean },
): Estimate {
  const factor = regionFactor(region);
  const lines = new Map<string, CostLine>();
  const unpriced = new Set<string>();
  const count = (id: string, side: 'before' | 'after', price: number | undefined): void => {
    if (price === undefined) unpriced.add(id);
    if (!price) return;
    const line = lines.get(id) ?? { id, before: 0, after: 0 };
    lines.set(id, { ...line, [side]: cents(line[side] + price * (factor ?? 1)) });
  };

  const specOf = (node: Node): Spec => resolve(node.spec, (of) => new Unknown(of)) as Spec;
  const wanted = [...graph.nodes.values()];
  const size = wanted.find(({ kind }) => kind.kind === 'task-definition');
  for (const node of wanted) {
    const task = size ? specOf(size) : {};
    count(node.id, 'after', priceOf(node.kind.kind, { ...specOf(node), desiredCount }, task));
  }
  const running = observations.get('task-definition')?.find(isOurs)?.attrs ?? {};
  for (const [kind, objects] of observations)
    for (const object of objects) {
      const { state } = object.health;
      if (!isOurs(object) || state === 'gone' || state === 'leaving' || object.ref === '') continue;
      const tasks = Number((object.attrs as Spec).desiredCount) || desiredCount;
      const spec = { ...object.attrs, desiredCount: tasks };
      count(object.tags['tap:id'] ?? `${kind}/${object.name}`, 'before', priceOf(kind, spec, running));
    }

  const all = [...lines.values()];
  const sum = (side: 'before' | 'after'): number => cents(all.reduce((total, line) => total + line[side], 0));
  return {
    prices: PRICES_OF,
    region,
    unknownRegion: factor === undefined,
    before: sum('before'),
    after: sum('after'),
    lines: all,
    unpriced: [...unpriced],
  };
}

/** Of one object of a kind; 0 for what costs nothing by itself, undefined where the table has no price. */
function priceOf(kind: string, spec: Spec, task: Spec): number | undefined {
  switch (kind) {
    case 'nat-gateway':
      return PRICES.natGateway * HOURS;
    case 'elastic-ip':
      return PRICES.address * HOURS;
    case 'load-balancer': {
      // "Amazon VPC pricing", public IPv4: a load balancer has one address in each of its subnets.
      const addresses = Array.isArray(spec.subnets) && spec.scheme === 'internet-facing' ? spec.subnets.length : 0;
      return (PRICES.loadBalancer + PRICES.address * addresses) * HOURS;
    }
    case 'db-instance': {
      const hour = DATABASE_HOUR[String(spec.instanceClass)];
      const secret = spec.managedPassword ? PRICES.secret : 0;
      const each = hour === undefined ? undefined : hour * HOURS + Number(spec.storageGb) * PRICES.databaseStorage;
      return each === undefined ? undefined : each * (spec.multiAz ? 2 : 1) + secret;
    }
    case 'service':
      return Number(spec.desiredCount ?? 0) * taskPrice(task);
    case 'secret':
    case 'generated-secret':
      return PRICES.secret;
    case 'metric-alarm':
      return PRICES.alarm;
    case 'composite-alarm':
      return PRICES.compositeAlarm;
    default:
      return 0;
  }
}

function taskPrice({ cpu, memory, runtimePlatform }: Spec): number {
  const { cpuArchitecture } = (runtimePlatform ?? {}) as { cpuArchitecture?: string };
  const { vcpu, gb } = PRICES.fargate[cpuArchitecture === 'ARM64' ? 'ARM64' : 'X86_64'];
  return ((Number(cpu ?? 0) / 1024) * vcpu + (Number(memory ?? 0) / 1024) * gb) * HOURS;
}

const cents = (dollars: number): number => Math.round(dollars * 100) / 100;
