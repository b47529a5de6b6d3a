import { describe, expect, it } from 'vitest';
import { cacheControl, contentType, hasHash } from '../../src/deploy/headers.ts';
import { invalidationPaths } from '../../src/deploy/invalidate.ts';

describe('a hash in the name', () => {
  it.each([
    // Vite, Rollup: eight characters of base 64 for URLs.
    'assets/index-BQjSzh4e.js',
    'assets/index-D_3-kx1a.js',
    'assets/index--aB3xYz1.css',
    'assets/inter-latin-400-normal-C38fXH4l.woff2',
    'assets/index-BQjSzh4e.js.map',
    // webpack.
    'static/js/main.3f2a9c1b.chunk.js',
    'static/js/787.abc12345.js',
    'static/media/logo.6ce24c58023cc2f8fd88fe9d219db6c6.svg',
    '3f2a9c1b0d4e5f6a7b8c.png',
    // Parcel.
    'index.1a2b3c4d.css',
    // esbuild, Angular.
    'chunk-2XQ5JZ4K.js',
    'main-ABCDEFGH.js',
    '_next/static/chunks/framework-0e8d27528ba61906.js',
  ])('%s', (path) => expect(hasHash(path)).toBe(true));

  it.each([
    'index.html',
    'assets/index.js',
    'assets/DashboardPage.js',
    'favicon-32x32.png',
    'android-chrome-192x192.png',
    'report-20240115.pdf',
    'report-2024-01-15.pdf',
    'annual-Summary2.pdf',
    'annual-Overview.pdf',
    'README-CHANGELOG.md',
    'icons/img-v10-dark.svg',
    'jquery-3.7.1.min.js',
    'some-quite-long-name.js',
    'apple-touch-icon-precomposed.png',
    'google1a2b3c4d5e6f7a8b',
    'my_file_Name1.png',
  ])('not in %s', (path) => expect(hasHash(path)).toBe(false));
});

it.each([
  ['index.html', 'text/html;charset=utf-8', 'no-cache'],
  ['docs/page.htm', 'text/html;charset=utf-8', 'no-cache'],
  ['sw.js', 'text/javascript;charset=utf-8', 'no-cache'],
  ['service-worker.js', 'text/javascript;charset=utf-8', 'no-cache'],
  ['registerSW.js', 'text/javascript;charset=utf-8', 'no-cache'],
  ['assets/a-BQjSzh4e.js', 'text/javascript;charset=utf-8', 'public,max-age=31536000,immutable'],
  ['assets/a-BQjSzh4e.woff2', 'font/woff2', 'public,max-age=31536000,immutable'],
  ['a.mjs', 'text/javascript;charset=utf-8', 'public,max-age=300'],
  ['a.css', 'text/css;charset=utf-8', 'public,max-age=300'],
  ['a.json', 'application/json;charset=utf-8', 'public,max-age=300'],
  ['a.js.map', 'application/json;charset=utf-8', 'public,max-age=300'],
  ['manifest.webmanifest', 'application/manifest+json;charset=utf-8', 'public,max-age=300'],
  ['a.svg', 'image/svg+xml;charset=utf-8', 'public,max-age=300'],
  ['a.png', 'image/png', 'public,max-age=300'],
  ['a.wasm', 'application/wasm', 'public,max-age=300'],
  ['a.pdf', 'application/pdf', 'public,max-age=300'],
  ['robots.txt', 'text/plain;charset=utf-8', 'public,max-age=300'],
  ['.well-known/apple-app-site-association', 'application/json;charset=utf-8', 'public,max-age=300'],
  ['LICENSE', 'application/octet-stream', 'public,max-age=300'],
])('%s is %s, %s', (path, type, cache) => {
  expect(contentType(path)).toBe(type);
  expect(cacheControl(path)).toBe(cache);
});

describe('what CloudFront is asked to forget', () => {
  it.each([
    ['nothing', [], []],
    ['the root under both of its names', ['index.html'], ['/', '/index.html']],
    ['what is encoded in one way', ['a b/100%/ü#?.txt'], ['/a%20b/100%25/%C3%BC%23%3F.txt']],
    ['what may be encoded or not, by its beginning', ['img/logo@2x.png', 'a[1].txt'], ['/a*', '/img/logo*']],
    ['pages of folders', ['docs/index.html'], ['/docs/index.html']],
  ])('%s', (_, stale, paths) => expect(invalidationPaths(stale)).toEqual(paths));

  it('up to fifteen paths, and everything beyond', () => {
    const pages = Array.from({ length: 15 }, (_, i) => `${i}.html`);
    expect(invalidationPaths(pages)).toHaveLength(15);
    expect(invalidationPaths([...pages, 'index.html'])).toEqual(['/*']);
  });
});
