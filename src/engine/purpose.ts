import { AsyncLocalStorage } from 'node:async_hooks';

/** What calls to AWS are made for. Between whoever knows it and the client is the SDK, which passes nothing on. */
interface Purpose {
  /** Id of a node (`vpc/main`), of several (`subnet/a, subnet/b`), or a kind (`vpc`) while all objects of it are read. */
  readonly of: string;
  /** Milliseconds that the work has waited for its turn since its last call. */
  queued: number;
}
let purposes: AsyncLocalStorage<Purpose> | undefined;

/** From now on purposes are kept. For a trace only: before Node 24, every promise of the process then costs more. */
export const keepPurposes = (): void => {
  purposes ??= new AsyncLocalStorage<Purpose>();
};

/** Does some work whose calls are for `of`. */
export const workingFor = <T>(of: string, work: () => T): T =>
  purposes ? purposes.run({ of, queued: 0 }, work) : work();

/** Notes a wait for one's turn. @param ms milliseconds */
export function waited(ms: number): void {
  const purpose = purposes?.getStore();
  if (purpose) purpose.queued += ms;
}

/** What the call that begins now is for, where that is kept; the wait before it is told once. */
export function takePurpose(): Readonly<Purpose> | undefined {
  const purpose = purposes?.getStore();
  if (!purpose) return undefined;
  const taken = { ...purpose };
  purpose.queued = 0;
  return taken;
}
