// What stops a plan before anything of it is done.
import { expect, it } from 'vitest';
import { Docker } from '../../../src/client/docker.ts';
import { preflight } from '../../../src/project/preflight.ts';
import { reconcile } from '../../../src/project/reconcile.ts';
import { nothing, project, service } from '../../support/project.ts';

it('refuses two services that would give their containers one name', async () => {
  const wanted = project([service('web', { container_name: 'shop' }), service('db', { container_name: 'shop' })]);
  const observed = nothing();
  const docker = new Docker({ host: 'tcp://127.0.0.1:1' });
  const checked = preflight(docker, wanted, { plan: reconcile(wanted, observed), observed });
  await expect(checked).rejects.toThrow('services "web" and "db" have the same container_name: shop');
});
