import { createReadStream, readFileSync } from 'node:fs';
import { PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { getEndpointFromInstructions } from '@smithy/core/endpoints';
import { extendedEncodeURIComponent, HttpRequest, type HttpResponse } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { mayWrite } from '../aws/before-write.ts';
import { beginCall, UPLOAD } from '../aws/clients.ts';
import { describe } from '../aws/errors.ts';
import { Exit, UserError } from '../engine/errors.ts';
import type { Cx } from '../engine/kind.ts';
import { ONE_PIECE } from './manifest.ts';
import type { SiteFile } from './site-ledger.ts';

/**
 * Sends a file and returns S3's version of it.
 * @param source where the file is
 */
export type PutFile = (key: string, file: SiteFile, source: string, signal: AbortSignal) => Promise<string | undefined>;

/**
 * Two ways to the same request. The ordinary client spends milliseconds of JavaScript on each object, which is most of
 * the time that a site of small files takes; so those are signed by the SDK's signer and sent by the client's own
 * handler, over its connections. Whatever is not answered by a plain 200 is sent once more by the ordinary client, which
 * then decides what can be tried again, and says what is wrong. Either way S3 compares the bytes with the SHA-256 of the
 * manifest (PutObject, x-amz-checksum-sha256), so a file that was changed since is refused.
 */
export async function filePutter(cx: Cx, bucket: string): Promise<PutFile> {
  const lean = await leanPutter(cx, bucket);
  return async (key, file, source, signal) => {
    const large = file.size > ONE_PIECE;
    const bytes = large ? Buffer.alloc(0) : readFileSync(source);
    if (!large && bytes.length !== file.size)
      throw new UserError(`${key} was changed while it was being uploaded`, { fix: 'deploy again', exit: Exit.failed });
    const answer = large ? undefined : await lean(key, file, bytes, signal);
    if (answer) return answer.headers['x-amz-version-id'];
    signal.throwIfAborted();
    const command = new PutObjectCommand(inputOf(cx, bucket, key, file, bytes));
    if (large) streamed(command, file, source);
    const { VersionId } = await cx.aws(S3Client).send(command, { abortSignal: signal, ...UPLOAD });
    return VersionId;
  };
}

const inputOf = (cx: Cx, Bucket: string, Key: string, file: SiteFile, Body: Buffer): PutObjectCommandInput => ({
  Bucket,
  Key,
  Body,
  ContentType: file.type,
  CacheControl: file.cacheControl,
  ChecksumSHA256: file.hash,
  ExpectedBucketOwner: cx.account,
});

const hexOf = (hash: string): string => Buffer.from(hash, 'base64').toString('hex');

interface Middleware {
  addRelativeTo(
    middleware: (
      next: (args: { request: HttpRequest }) => Promise<unknown>,
    ) => (args: { request: HttpRequest }) => Promise<unknown>,
    options: { relation: 'after'; toMiddleware: 'retryMiddleware'; name: string },
  ): void;
}

/** Puts the file in the place of the body anew for each attempt: the SDK does not repeat what it has streamed. */
function streamed(command: PutObjectCommand, file: SiteFile, source: string): void {
  (command.middlewareStack as unknown as Middleware).addRelativeTo(
    (next) => async (args) => {
      const request = HttpRequest.clone(args.request);
      const body = createReadStream(source, { highWaterMark: ONE_PIECE });
      request.body = body;
      request.headers['content-length'] = String(file.size);
      request.headers['x-amz-content-sha256'] = hexOf(file.hash);
      const unreadable = new Promise<never>((_, broken) => body.once('error', broken));
      return Promise.race([next({ ...args, request }), unreadable]).finally(() => body.destroy());
    },
    { relation: 'after', toMiddleware: 'retryMiddleware', name: 'streamed' },
  );
}

type LeanPut = (key: string, file: SiteFile, bytes: Buffer, signal: AbortSignal) => Promise<HttpResponse | undefined>;

/** One attempt, and nothing but success is an answer. */
async function leanPutter(cx: Cx, bucket: string): Promise<LeanPut> {
  const client = cx.aws(S3Client);
  const { config } = client;
  const endpoint = await getEndpointFromInstructions({ Bucket: bucket }, PutObjectCommand, { ...config });
  const { protocol, hostname, port, host, pathname } = endpoint.url;
  const signer = new SignatureV4({
    credentials: config.credentials,
    region: config.region,
    service: 's3',
    sha256: config.sha256,
    uriEscapePath: false,
  });
  const target = { method: 'PUT', protocol, hostname, ...(port && { port: Number(port) }) };
  return async (key, file, bytes, signal) => {
    const request = new HttpRequest({
      ...target,
      path: `${pathname.replace(/\/$/, '')}/${key.split('/').map(extendedEncodeURIComponent).join('/')}`,
      headers: {
        host,
        'content-length': String(bytes.length),
        'content-type': file.type,
        'cache-control': file.cacheControl,
        'x-amz-checksum-sha256': file.hash,
        'x-amz-content-sha256': hexOf(file.hash),
        'x-amz-expected-bucket-owner': cx.account,
      },
      body: bytes,
    });
    const call = beginCall(client, 'S3', 'PutObject');
    try {
      // The client learns from answers how wrong this computer's clock is.
      const signingDate = new Date(Date.now() + config.systemClockOffset);
      const signed = (await signer.sign(request, { signingDate })) as HttpRequest;
      await mayWrite(client);
      const { response } = await config.requestHandler.handle(signed, { abortSignal: signal, ...UPLOAD });
      if (call && response.statusCode !== 200) call.error = `HTTP ${response.statusCode}`;
      (response.body as NodeJS.ReadableStream).resume();
      return response.statusCode === 200 ? response : undefined;
    } catch (error) {
      if (call) call.error = describe(error).code;
      return undefined;
    } finally {
      if (call) call.end = performance.now();
    }
  };
}
