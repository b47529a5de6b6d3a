import { describe, expect, it } from 'vitest';
import { splitWords } from '../../src/deploy/words.ts';
import { UserError } from '../../src/engine/errors.ts';

describe('a command line', () => {
  it.each([
    ['alembic upgrade head', ['alembic', 'upgrade', 'head']],
    ['  alembic\t upgrade  \n head ', ['alembic', 'upgrade', 'head']],
    [`python -c 'print("a b")'`, ['python', '-c', 'print("a b")']],
    [`python -c "print('a b')"`, ['python', '-c', "print('a b')"]],
    [`say "a \\"b\\" \\\\ \\$c \\n"`, ['say', 'a "b" \\ $c \\n']],
    [`say 'a\\b'`, ['say', 'a\\b']],
    ['a\\ b c\\"d', ['a b', 'c"d']],
    [`--name=a" b "'c'd`, ['--name=a b cd']],
    [`tool '' ""`, ['tool', '', '']],
    [`sh -c 'alembic upgrade head && echo $HOME'`, ['sh', '-c', 'alembic upgrade head && echo $HOME']],
    ['alembic upgrade +1 # ü', ['alembic', 'upgrade', '+1', '#', 'ü']],
  ])('is split as a shell does: %s', (line, words) => {
    expect(splitWords(line, '--command')).toEqual(words);
  });

  it.each([
    [`say 'a`],
    [`say "a 'b' \\"`],
    ['say a\\'],
    ['a && b'],
    ['a $HOME'],
    ['a > b'],
    ['a; b'],
    ['  '],
    [`'' a`],
  ])('is refused when it needs a shell, or does not end: %s', (line) => {
    expect(() => splitWords(line, '--command')).toThrow(UserError);
  });

  it('is refused with what to do', () => {
    const said = (line: string): string => {
      try {
        return splitWords(line, '--command').join();
      } catch (error) {
        return error instanceof UserError ? `${error.message}\n  ${error.fix}` : String(error);
      }
    };
    expect([`say "a`, 'say a\\', 'a && b', ''].map(said).join('\n')).toMatchInlineSnapshot(`
      "--command: the quote at its character 5 has no end
        close the quote, or put a backslash before it when it is meant as it is
      --command: the backslash at its character 6 has no end
        close the quote, or put a backslash before it when it is meant as it is
      --command: "&" means something to a shell only, and none runs the command
        quote it when it is meant as it is; for a shell in the container: --command "sh -c '...'"
      --command names no program
        for example: --command "alembic current""
    `);
  });
});
