import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../src/cost/estimate.ts';
import { Graph } from '../../src/engine/graph.ts';
import { defineKind } from '../../src/engine/kind.ts';
import { environment } from '../../src/environment/index.ts';
import { planHtml } from '../../src/render/html.ts';
import { drawGraph } from '../../src/render/html-graph.ts';
import { envOf } from '../environment/documents.ts';
import { ABOUT, change, FULL, planOf } from './parts.ts';

const COST: Estimate = {
  prices: '2026-11',
  region: 'us-east-1',
  unknownRegion: false,
  before: 1,
  after: 2,
  lines: [{ id: 'vpc/main', before: 1, after: 2 }],
  unpriced: [],
};
const Thing = defineKind<{ needs: string }, { id: string }>()({
  kind: 'thing',
  calls: { observe: [] },
  observe: async () => [],
});
const graph = new Graph('tap');
const a = graph.add(Thing, 'a', { needs: '' });
const b = graph.add(Thing, 'b', { needs: a.out.id });
graph.add(Thing, 'c', { needs: b.out.id }, { after: [a] });

describe('the page', () => {
  const page = planHtml(FULL, ABOUT, graph, COST);

  it('tells every change, removal and cost', () => {
    for (const { id } of [...FULL.changes, ...FULL.removals]) expect(page).toContain(id);
    expect(page).toContain('threshold: 90 → 80');
    expect(page).toContain('$1.00 → $2.00 a month');
  });

  it('needs nothing from elsewhere and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|\son\w+=|(src|href)=/i);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('is text where the plan has text', () => {
    const evil = '<img src=x onerror=alert(1)>"\'&';
    const differences = [{ path: evil, before: evil, after: evil + evil }];
    const made = planHtml(
      planOf({ changes: [change(`vpc/${evil}`, { action: 'update', reason: evil, ref: evil, differences })] }),
      { ...ABOUT, project: evil },
      graph,
      COST,
    );
    expect(made).not.toContain('<img');
    expect(made).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
  });
});

describe('the graph', () => {
  const svg = drawGraph(graph, new Map([['thing/b', 'update']]));

  it('has a box for each resource, named and classed by what happens to it', () => {
    expect(svg).toContain('<g class="update"><title>thing/b: update</title>');
    expect(svg).toContain('<g class="unchanged"><title>thing/c: unchanged</title>');
  });

  it('has the edges that no longer way implies', () => {
    expect(svg.match(/<path /g)).toHaveLength(2);
  });

  it('takes the whole environment', () => {
    const { graph: whole } = environment(envOf());
    const drawn = drawGraph(whole, new Map());
    for (const id of whole.nodes.keys()) expect(drawn).toContain(`<title>${id}: unchanged</title>`);
  });
});
