import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { archiveUrl, download } from '../../../../src/engine/images/download.ts';

const signal = new AbortController().signal;

/** A server that answers `/file` and redirects `/moved` there. */
async function serve(): Promise<{ readonly origin: string } & Disposable> {
  const server = createServer((request, answer) => {
    if (request.url === '/file') answer.end('content');
    else if (request.url === '/moved') answer.writeHead(302, { Location: '/file' }).end();
    else answer.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() };
}

describe('a URL to import from', () => {
  it('may be without its scheme', () => {
    expect(archiveUrl('example.com/x.tar').href).toBe('http://example.com/x.tar');
    expect(archiveUrl('HTTPS://example.com/x.tar').href).toBe('https://example.com/x.tar');
  });

  it.each(['ftp://example.com/x', 'file:///etc/passwd', 'http://'])('is refused when it is %s', (url) => {
    expect(() => archiveUrl(url)).toThrow('only http and https are fetched');
  });

  it('is fetched, redirects followed, and failures are named', async () => {
    using server = await serve();
    const get = async (path: string): Promise<string> =>
      (await buffer(await download(new URL(path, server.origin), { signal }))).toString();
    expect([await get('/file'), await get('/moved')]).toEqual(['content', 'content']);
    await expect(get('/none')).rejects.toThrow('with status 404');
  });
});
