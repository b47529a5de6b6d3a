import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Check, ok, type Subject, warning } from './finding.ts';

/** ARN of the caller, as STS says it: for a role, that of the session. */
export const callerArn = ({ cx }: Pick<Subject, 'cx'>): Promise<string> =>
  cx.once('sts:caller', async () => (await cx.aws(STSClient).send(new GetCallerIdentityCommand({}))).Arn ?? '');

/** Who asks. That it is the account of the config was made sure of before. */
export const identity: Check = {
  name: 'identity',
  find: async (subject) => {
    const { config, facts } = subject.account;
    const arn = await callerArn(subject);
    const pin = config.account ? 'the account that the config is pinned to' : `account ${facts.account}`;
    if (arn.endsWith(':root'))
      return [
        warning(
          `${arn} is the root user of the account`,
          'use IAM Identity Center or a role: nothing limits what a mistake of the root user does',
        ),
      ];
    return [ok(`${arn}, in ${pin}`)];
  },
};
