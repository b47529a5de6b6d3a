import {
  CreateOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UntagOpenIDConnectProviderCommand,
} from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { Graph, type Handle } from '../../../src/engine/graph.ts';
import { erase } from '../../../src/engine/kind.ts';
import { GITHUB, OidcProvider, OidcProviderUse } from '../../../src/resources/iam/oidc-provider.ts';
import { contract } from '../../contract.ts';
import { lab } from '../../lab.ts';
import { SCOPE, type World, world } from '../../world.ts';

const OpenIDConnectProviderArn = `arn:aws:iam::123456789012:oidc-provider/${GITHUB}`;
const STS = 'sts.amazonaws.com';
const build = (graph: Graph, project = 'tap'): Handle<{ arn: string }> =>
  graph.add(OidcProvider, 'github', { audiences: { [STS]: true }, users: { [project]: true } }, { name: GITHUB });

contract(OidcProvider, {
  build,
  kinds: [erase(OidcProviderUse)],
  tamper: {
    audiences: ({ aws }) =>
      aws(IAMClient).send(
        new RemoveClientIDFromOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID: STS }),
      ),
    users: 'cannot: without any mark it counts as made by others; with the mark of another environment see below',
  },
  foreign: 'cannot: it is shared',
  permanent: 'shared; the other kind removes it',
});

const aws = await lab();
const kinds = [erase(OidcProvider), erase(OidcProviderUse)];
const graphOf = (project = 'tap'): Graph => {
  const graph = new Graph(project);
  build(graph, project);
  return graph;
};
const staging = { ...SCOPE, project: 'tap-staging', env: 'staging' } as never as typeof SCOPE;
const live = async ({ aws: clients }: World) => {
  const get = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn });
  const found = await clients(IAMClient)
    .send(get)
    .catch(() => undefined);
  return found && { audiences: found.ClientIDList, tags: found.Tags?.map(({ Key }) => Key).sort() };
};
const makeForeign = async (tap: World, ...ClientIDList: string[]) =>
  tap.aws(IAMClient).send(new CreateOpenIDConnectProviderCommand({ Url: `https://${GITHUB}`, ClientIDList }));

it('is marked by every environment that uses it, and goes with the last one', async () => {
  await aws.reset();
  const [one, two] = [world(), world(staging)];
  await one.up(graphOf(), kinds);
  expect((await two.plan(graphOf('tap-staging'), kinds)).changes).toMatchObject([
    { id: 'oidc-provider/github', action: 'update', differences: [{ path: 'users.tap-staging' }] },
  ]);
  await two.up(graphOf('tap-staging'), kinds);
  expect(await live(one)).toMatchObject({ tags: ['tap:used-by:tap', 'tap:used-by:tap-staging'] });
  for (const [tap, project] of [
    [one, 'tap'],
    [two, 'tap-staging'],
  ] as const)
    expect((await tap.plan(graphOf(project), kinds)).changes).toEqual([]);

  await one.destroy(kinds);
  expect(await live(two)).toMatchObject({ tags: ['tap:used-by:tap-staging'] });
  expect((await one.destroy(kinds)).outcomes.size).toBe(0);
  await two.destroy(kinds);
  expect(await live(two)).toBeUndefined();
});

it('is marked again when the mark was removed by hand', async () => {
  await aws.reset();
  const tap = world();
  await tap.up(graphOf(), kinds);
  await world(staging).up(graphOf('tap-staging'), kinds);
  const TagKeys = ['tap:used-by:tap'];
  await tap.aws(IAMClient).send(new UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, TagKeys }));
  await tap.up(graphOf(), kinds);
  expect(await live(tap)).toMatchObject({ tags: ['tap:used-by:tap', 'tap:used-by:tap-staging'] });
});

it('is used as it is when others made it, and never changed or removed', async () => {
  await aws.reset();
  const tap = world();
  await makeForeign(tap, 'https://github.com/org', STS);
  const { changes, notChecked } = await tap.plan(graphOf(), kinds);
  expect(changes).toEqual([]);
  expect(notChecked).toEqual([{ id: 'oidc-provider/github', attribute: 'users', reason: expect.any(String) }]);
  tap.calls.length = 0;
  await tap.up(graphOf(), kinds);
  expect((await tap.destroy(kinds)).outcomes.size).toBe(0);
  expect(tap.mutating()).toEqual([]);
  expect(await live(tap)).toMatchObject({ audiences: ['https://github.com/org', STS] });
});

it('is refused when others made it without the audience, with the command that adds it', async () => {
  await aws.reset();
  const tap = world();
  await makeForeign(tap, 'https://github.com/org');
  tap.calls.length = 0;
  const { changes } = await tap.plan(graphOf(), kinds);
  expect(changes).toMatchObject([{ action: 'refuse' }]);
  expect(changes[0]?.reason).toContain(
    `aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${OpenIDConnectProviderArn} --client-id ${STS}`,
  );
  await expect(tap.up(graphOf(), kinds)).rejects.toThrow('add-client-id');
  expect(tap.mutating()).toEqual([]);
});

it('goes when the config does not want it any more', async () => {
  await aws.reset();
  const tap = world();
  await tap.up(graphOf(), kinds);
  await tap.up(new Graph('tap'), kinds);
  expect(await live(tap)).toBeUndefined();
});
