import { CloudWatchClient, PutCompositeAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { tagList } from '../../aws/tags.ts';
import { type Cx, defineKind, type Tags } from '../../engine/kind.ts';
import {
  ALARM_CALLS,
  type AlarmActions,
  type AlarmOut,
  actions,
  alarmKind,
  alarms,
  common,
  putActions,
} from './alarms.ts';

export interface CompositeAlarmSpec extends AlarmActions {
  readonly description: string;
  /** `ALARM("a") OR ALARM("b")` */
  readonly rule: string;
  /** null: no other alarm may silence this one. */
  readonly suppressor: null;
}

export const CompositeAlarm = defineKind<CompositeAlarmSpec, AlarmOut>()({
  ...alarmKind,
  kind: 'composite-alarm',
  calls: {
    observe: ALARM_CALLS.observe,
    write: ['cloudwatch PutCompositeAlarm', ...ALARM_CALLS.tag],
    remove: ALARM_CALLS.remove,
  },
  observe: async (cx, wanted) => {
    const found = await alarms(cx, wanted, (page) => page.CompositeAlarms);
    return found.map((one) => ({
      ...common(one),
      attrs: {
        description: one.alarm.AlarmDescription,
        rule: one.alarm.AlarmRule,
        suppressor: (one.alarm.ActionsSuppressor ?? null) as null,
        ...actions(one.alarm),
      },
    }));
  },
  create: (cx, me, spec) => put(cx, me.name, spec, me.tags),
  update: (cx, spec, { name = '' }) => put(cx, name, spec),
});

/** Replaces the whole alarm; tags are taken only when it is new (CloudWatch API, PutCompositeAlarm). */
const put = ({ aws }: Cx, AlarmName: string, spec: CompositeAlarmSpec, tags?: Tags): Promise<unknown> =>
  aws(CloudWatchClient).send(
    new PutCompositeAlarmCommand({
      AlarmName,
      AlarmDescription: spec.description,
      AlarmRule: spec.rule,
      ...putActions(spec),
      Tags: tags && tagList(tags),
    }),
  );
