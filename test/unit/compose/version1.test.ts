// Files without `services:` are read as the current form.
import { describe, expect, it } from 'vitest';
import { load } from '../../support/compose-files.ts';

const TEXT = `
rproxy:
  build: .
  dockerfile: Dockerfile.rp
  links:
    - web:web
  volumes:
    - ./nginx.conf:/etc/nginx.conf:ro
  log_driver: syslog
  log_opt: {tag: a}
web:
  image: web
  net: host
db:
  image: db
  volumes: ["data:/var/lib/db"]
  environment:
    - PASSWORD=x
`;

describe('version 1', () => {
  it('becomes the current form', async () => {
    const { project } = await load({ 'docker-compose.yml': TEXT });
    expect(project.services['rproxy']).toMatchObject({
      build: { context: '/shop', dockerfile: 'Dockerfile.rp' },
      depends_on: { web: { condition: 'service_started', restart: true } },
      logging: { driver: 'syslog', options: { tag: 'a' } },
      volumes: [{ type: 'bind', source: '/shop/nginx.conf', target: '/etc/nginx.conf', read_only: true }],
    });
    expect(project.services['web']).toMatchObject({ network_mode: 'host' });
    expect(project.services['db']).toMatchObject({ environment: { PASSWORD: 'x' } });
    expect(project.volumes).toEqual({ data: { name: 'shop_data' } });
  });

  it('warns and shows the modern form', async () => {
    const { warnings } = await load({ 'docker-compose.yml': TEXT });
    expect(warnings).toMatchObject([{ code: 'compose/version-1', range: { line: 2 } }]);
    expect(warnings[0]?.hint).toContain('services:\n  rproxy:');
  });

  it('reads a service whose name is a key of today', async () => {
    const { project } = await load({ 'docker-compose.yml': 'configs:\n  image: x\n' });
    expect(Object.keys(project.services)).toEqual(['configs']);
  });
});
