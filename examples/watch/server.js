// Serves the files of pages/, each read at its request. The version in the answers is that of package.json at the start.
const { readFileSync, createReadStream } = require('node:fs');
const { createServer } = require('node:http');
const { join, normalize } = require('node:path');

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const server = createServer((request, response) => {
  const name = normalize(request.url === '/' ? '/index.html' : request.url.split('?')[0]);
  const file = createReadStream(join('pages', name));
  response.setHeader('X-Version', version);
  file.on('open', () => file.pipe(response));
  file.on('error', () => {
    response.statusCode = 404;
    response.end('there is no such page\n');
  });
});

server.listen(8000, () => console.log(`version ${version} listens`));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
