import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  type GetOpenIDConnectProviderResponse,
  IAMClient,
  TagOpenIDConnectProviderCommand,
  UntagOpenIDConnectProviderCommand,
} from '@aws-sdk/client-iam';
import { absent, gone } from '../../aws/errors.ts';
import { tagsOf } from '../../aws/tags.ts';
import { type Cx, defineKind, type Observed, READY, type Tags } from '../../engine/kind.ts';
import { NO_ENTITY } from './iam.ts';

/** The issuer of GitHub's tokens, and the node's name. An account has at most one provider for it. */
export const GITHUB = 'token.actions.githubusercontent.com';

export interface OidcProviderSpec {
  /** `{ 'sts.amazonaws.com': true }`: audiences that must be there; others may be. */
  readonly audiences: Readonly<Record<string, true>>;
  /** `{ '<p>': true }`: environments marked as users, on a provider that tap made. */
  readonly users: Readonly<Record<string, true>>;
}
interface OidcProviderOut {
  readonly arn: string;
}
interface Live {
  readonly arn: string;
  readonly tags: Tags;
  readonly provider: GetOpenIDConnectProviderResponse;
}

/** Tag of each environment that uses the provider. Only a provider that tap made has any. */
const USED_BY = 'tap:used-by:';
const usersOf = (tags: Tags): string[] =>
  Object.keys(tags).flatMap((key) => (key.startsWith(USED_BY) ? [key.slice(USED_BY.length)] : []));

const arnOf = ({ partition, account }: Pick<Cx, 'partition' | 'account'>): string =>
  `arn:${partition}:iam::${account}:oidc-provider/${GITHUB}`;

/**
 * GitHub's identity provider, shared by everything in the account: whoever made it, it is used as it is. It counts as
 * ours so that it is no conflict, and has no `remove`, so that no plan ever lists it for removal by itself: that is the
 * work of {@link OidcProviderUse}.
 */
export const OidcProvider = defineKind<OidcProviderSpec, OidcProviderOut>()<Live>({
  kind: 'oidc-provider',
  calls: {
    observe: ['iam GetOpenIDConnectProvider'],
    write: [
      'iam CreateOpenIDConnectProvider',
      'iam AddClientIDToOpenIDConnectProvider',
      'iam TagOpenIDConnectProvider',
    ],
  },
  observe: async (cx, wanted) => {
    const live = wanted.length > 0 ? await read(cx) : undefined;
    return live ? wanted.map(({ id }) => observed(cx, id, live)) : [];
  },
  // The provider's keys come from GitHub's certificate, which AWS trusts by itself: no thumbprint is needed.
  create: ({ aws }, _me, spec) =>
    aws(IAMClient).send(
      new CreateOpenIDConnectProviderCommand({
        Url: `https://${GITHUB}`,
        ClientIDList: Object.keys(spec.audiences),
        Tags: usedBy(Object.keys(spec.users)),
      }),
    ),
  refuse: (spec, { ref, attrs, raw }) => {
    const missing = Object.keys(spec.audiences).filter((audience) => !attrs.audiences?.[audience]);
    if (missing.length === 0 || usersOf(raw.tags).length > 0) return undefined;
    const command = `aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${ref} --client-id`;
    return `${ref}, which tap did not make and does not change, lacks the audience ${missing.join(' and ')}; add it with: ${missing
      .map((audience) => `${command} ${audience}`)
      .join(' && ')}`;
  },
  update: async ({ aws }, spec, { ref, attrs }, changed) => {
    const arn = { OpenIDConnectProviderArn: ref };
    const missing = Object.keys(spec.audiences).filter((audience) => !attrs.audiences?.[audience]);
    for (const ClientID of missing)
      await aws(IAMClient).send(new AddClientIDToOpenIDConnectProviderCommand({ ...arn, ClientID }));
    if (changed.has('users'))
      await aws(IAMClient).send(new TagOpenIDConnectProviderCommand({ ...arn, Tags: usedBy(Object.keys(spec.users)) }));
  },
  predict: (_me, cx) => ({ arn: arnOf(cx) }),
});

/**
 * This environment's mark on a provider that tap made. No node wants it: it shows under the provider's id while it is
 * there, and its removal takes the provider along when no other environment is marked.
 */
export const OidcProviderUse = defineKind<object, OidcProviderOut>()<Live>({
  kind: 'oidc-provider-use',
  calls: {
    observe: ['iam GetOpenIDConnectProvider'],
    remove: ['iam UntagOpenIDConnectProvider', 'iam DeleteOpenIDConnectProvider'],
  },
  observe: async (cx) => {
    const live = await read(cx);
    return live && usersOf(live.tags).includes(cx.project) ? [observed(cx, 'oidc-provider/github', live)] : [];
  },
  remove: ({ aws, project }, { ref, raw }) => {
    const arn = { OpenIDConnectProviderArn: ref };
    const others = usersOf(raw.tags).filter((user) => user !== project);
    return gone(
      others.length > 0
        ? aws(IAMClient).send(new UntagOpenIDConnectProviderCommand({ ...arn, TagKeys: [USED_BY + project] }))
        : aws(IAMClient).send(new DeleteOpenIDConnectProviderCommand(arn)),
      ...NO_ENTITY,
    );
  },
});

const usedBy = (users: readonly string[]) => users.map((user) => ({ Key: USED_BY + user, Value: 'true' }));

const read = (cx: Cx): Promise<Live | undefined> =>
  cx.once('iam:oidc-provider', async () => {
    const arn = arnOf(cx);
    const get = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: arn });
    const provider = await absent(cx.aws(IAMClient).send(get), ...NO_ENTITY);
    return provider && { arn, tags: tagsOf(provider.Tags), provider };
  });

function observed(cx: Cx, id: string, live: Live): Observed<OidcProviderSpec, OidcProviderOut, Live> {
  const users = usersOf(live.tags);
  return {
    ref: live.arn,
    attrs: { audiences: marks(live.provider.ClientIDList ?? []), users: marks(users) },
    out: { arn: live.arn },
    tags: cx.owned(id),
    health: READY,
    notChecked: users.length > 0 ? undefined : { users: 'tap did not make this provider and only reads it' },
    raw: live,
  };
}

const marks = (names: readonly string[]): Record<string, true> => Object.fromEntries(names.map((name) => [name, true]));
