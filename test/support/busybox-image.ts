// The busybox image in an engine, imported over the API as any client would.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { busyboxRootfs } from './rootfs.ts';

/** Imports the busybox root file system as `busybox:latest` with `sh` as its command. */
export async function importBusybox(socketPath: string): Promise<void> {
  const { tar } = await busyboxRootfs();
  const { size } = await stat(tar);
  const query = `fromSrc=-&repo=busybox&tag=latest&changes=${encodeURIComponent('CMD ["sh"]')}`;
  const headers = { 'Content-Type': 'application/x-tar', 'Content-Length': String(size) };
  await new Promise<void>((resolve, reject) => {
    const sent = request({ socketPath, method: 'POST', path: `/images/create?${query}`, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200 && !text.includes('"error"')) resolve();
        else reject(new Error(`import of busybox: ${text}`));
      });
    });
    sent.on('error', reject);
    createReadStream(tar).pipe(sent);
  });
}
