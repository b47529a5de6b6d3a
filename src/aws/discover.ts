import type { Cx, Identity } from '../engine/kind.ts';

/**
 * Reads objects that have unique names: the wanted ones, those to adopt, and those found by our tags.
 * @param type as for {@link Cx.discovered}: `ecs:service`
 * @param nameOf name of an object, from its ARN
 * @param read undefined when nothing has the name
 */
export async function byName<T>(
  cx: Cx,
  wanted: readonly Identity[],
  type: string,
  nameOf: (arn: string) => string,
  read: (name: string) => Promise<T | undefined>,
): Promise<T[]> {
  const names = new Set(wanted.flatMap(({ name, adopt }) => (adopt ? [name, nameOf(adopt)] : [name])));
  const others = async (): Promise<(T | undefined)[]> => {
    const found = new Set((await cx.discovered(type)).map(nameOf));
    return Promise.all([...found].filter((name) => name !== '' && !names.has(name)).map(read));
  };
  // The wanted names are read at once, not after the slower discovery.
  const all = await Promise.all([Promise.all([...names].filter((name) => name !== '').map(read)), others()]);
  return all.flat().filter((object) => object !== undefined);
}

/** The part of an ARN after the last slash. */
export const lastPart = (arn: string): string => arn.split('/').at(-1) ?? arn;
