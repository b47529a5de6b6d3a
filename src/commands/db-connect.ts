import { createServer } from 'node:net';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { SSMClient, StartSessionCommand } from '@aws-sdk/client-ssm';
import { absent, hasCode } from '../aws/errors.ts';
import type { Finding } from '../deploy/finding.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { explain } from '../engine/observe.ts';
import type { GlobalOptions, Io } from '../io.ts';
import { checkPlugin, runPlugin } from '../running/plugin.ts';
import { NO_WAY, reach } from '../running/reach.ts';
import { type Account, openAccount } from '../session.ts';

export interface DbConnectOptions extends GlobalOptions {
  readonly port?: number;
}

const PORT = 5432;

/** Forwards a local port to the database, through a running task, until Ctrl-C. */
export async function dbConnect({ port = PORT, ...options }: DbConnectOptions, io: Io): Promise<number> {
  const account = await openAccount(options, io);
  const cx = account.contexts({ sweep: false });
  const missing = Promise.all([checkPlugin(io.env), checkPort(port)]).then((found) => found.flat());
  const [task, database] = await Promise.all([reach(account, cx, undefined, missing), readDatabase(account, cx)]);
  account.allowWrites();
  const request = {
    Target: task.target,
    DocumentName: 'AWS-StartPortForwardingSessionToRemoteHost',
    Parameters: { host: [database.host], portNumber: [String(database.port)], localPortNumber: [String(port)] },
  };
  const { SessionId, StreamUrl, TokenValue } = await cx
    .aws(SSMClient)
    .send(new StartSessionCommand(request))
    .catch((error: unknown) => {
      throw hasCode(error, 'TargetNotConnected')
        ? new UserError(`Session Manager does not reach task ${task.id.slice(0, 8)}`, {
            fix: NO_WAY,
            exit: Exit.failed,
            cause: error,
          })
        : explain(error, 'opening the way to the database');
    });
  tell(database, port, options, io);
  const session = { sessionId: SessionId ?? '', streamUrl: StreamUrl ?? '', tokenValue: TokenValue ?? '' };
  return runPlugin(io, cx, session, request, 'stderr');
}

interface Database {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly name: string;
  /** Prints the password; the value itself never passes through here. */
  readonly passwordCommand: string;
}

async function readDatabase({ names }: Account, { aws, region }: Cx): Promise<Database> {
  const read = aws(RDSClient).send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: names.database.instance }));
  const found = await absent(read, 'DBInstanceNotFoundFault', 'DBInstanceNotFound').catch((error: unknown) => {
    throw explain(error, 'looking for the database');
  });
  const instance = found?.DBInstances?.[0];
  const { Address: host, Port: port = PORT } = instance?.Endpoint ?? {};
  if (!instance || !host)
    throw new UserError(
      `the database ${names.database.instance} ${instance ? 'has no address yet' : 'does not exist'}`,
      {
        fix: '`tap up` makes it; `tap status` shows how far it is',
        exit: Exit.failed,
      },
    );
  return {
    host,
    port,
    user: instance.MasterUsername ?? '',
    name: instance.DBName ?? '',
    passwordCommand: `aws secretsmanager get-secret-value --secret-id '${instance.MasterUserSecret?.SecretArn}' --query SecretString --output text --region ${region}`,
  };
}

/** The plugin listens on this port of this computer. */
async function checkPort(port: number): Promise<Finding[]> {
  const server = createServer();
  const isFree = await new Promise<boolean>((done) => {
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => done(true));
  });
  if (isFree) await new Promise((closed) => server.close(closed));
  return isFree
    ? []
    : [
        {
          problem: `port ${port} of this computer is taken`,
          fix: `use another: \`tap db connect --port ${port < 50_000 ? port + 10_000 : port - 10_000}\``,
        },
      ];
}

function tell({ user, name, passwordCommand }: Database, port: number, { json }: GlobalOptions, io: Io): void {
  if (json) {
    io.out(`${JSON.stringify({ host: 'localhost', port, user, database: name, passwordCommand })}\n`);
    return;
  }
  io.out(`psql "host=localhost port=${port} user=${user} dbname=${name} sslmode=require"\n`);
  io.err(`The password is in the output of\n  ${passwordCommand}\nThe way stays open until Ctrl-C.\n`);
}
