import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readDockerfile } from '../../src/init/dockerfile.ts';

describe('a Dockerfile tells', () => {
  it('target, port and Python of the sample application', () => {
    expect(readDockerfile(readFileSync('app/backend/Dockerfile', 'utf8'))).toEqual({
      target: 'prod',
      port: 8000,
      python: '3.13',
    });
  });

  it.each([
    ['prod before what stands last', 'FROM a AS prod\nFROM prod AS dev\n', 'prod'],
    ['production, whatever its case', 'FROM a AS Production\nFROM b AS test\n', 'production'],
    ['the last stage, where none has such a name', 'FROM a AS deps\nFROM deps AS web\n', 'web'],
    ['the number of a stage without a name', 'FROM a AS deps\nFROM b\n', '1'],
    ['the only stage', 'FROM --platform=linux/amd64 python:3.12-slim\n', '0'],
  ])('as its target %s', (_, text, target) => {
    expect(readDockerfile(text)?.target).toBe(target);
  });

  it.each([
    ['its own', 'FROM a AS prod\nEXPOSE 9000/tcp\n', 9000],
    ['that of the stage it is made from', 'FROM a AS base\nEXPOSE 9001\nFROM base AS prod\n', 9001],
    ['not that of another stage', 'FROM a AS dev\nEXPOSE 5678\nFROM a AS prod\n', undefined],
    ['the default of a variable', 'FROM a AS prod\nARG PORT=9002\nEXPOSE ${PORT}\n', 9002],
    ['the value of a variable', 'FROM a AS prod\nENV PYTHONUNBUFFERED=1 PORT=9003\nEXPOSE $PORT\n', 9003],
    ['none that nobody knows', 'FROM a AS prod\nEXPOSE $PORT\n', undefined],
    ['none in a comment', 'FROM a AS prod\n# EXPOSE 9004\n', undefined],
  ])('as its port %s', (_, text, port) => {
    expect(readDockerfile(text)?.port).toBe(port);
  });

  it('the path of its health check, over several lines', () => {
    const text = 'FROM a\nHEALTHCHECK --interval=5s \\\n  CMD curl -f http://localhost:8000/healthz || exit 1\n';
    expect(readDockerfile(text)?.healthPath).toBe('/healthz');
    expect(readDockerfile('FROM a\nHEALTHCHECK NONE\n')?.healthPath).toBeUndefined();
  });

  it('no Python where the image is of something else', () => {
    expect(readDockerfile('FROM node:24\n')?.python).toBeUndefined();
    expect(readDockerfile('FROM ghcr.io/acme/python:3.12.4\n')?.python).toBe('3.12');
  });

  it('nothing when it is empty', () => {
    expect(readDockerfile('# later\n')).toBeUndefined();
  });
});
