// What `config` prints where the form differs from the long one.
import { describe, expect, it } from 'vitest';
import { printProject } from '../../../src/compose/print.ts';
import { load } from '../../support/compose-files.ts';

describe('printProject', () => {
  it('prints files of the environment that were not read, optional ones in long form', async () => {
    const files = '[a.env, {path: b.env, required: false}, {path: c.env, format: raw}]';
    const { project } = await load(`services: {web: {image: x, env_file: ${files}}}`, { resolveEnvironment: false });
    expect(printProject(project)).toContain(
      [
        '    env_file:',
        '      - /shop/a.env',
        '      - path: /shop/b.env',
        '        required: false',
        '      - path: /shop/c.env',
        '        required: true',
        '        format: raw',
      ].join('\n'),
    );
  });

  it('begins keys without a name in JSON with capitals, and leaves limits of 0 out of it', async () => {
    const { project } = await load(
      'services: {web: {image: x, ulimits: {core: 0}, blkio_config: {weight_device: [{path: /dev/a, weight: 5}]}}}',
    );
    const { services } = JSON.parse(printProject(project, { format: 'json' })) as {
      services: { web: Record<string, unknown> };
    };
    expect(services.web).toMatchObject({
      ulimits: { core: {} },
      blkio_config: { weight_device: [{ Path: '/dev/a', Weight: 5 }] },
    });
    expect(printProject(project)).toContain('- path: /dev/a\n          weight: 5');
    expect(printProject(project)).toContain('core:\n        soft: 0\n        hard: 0');
  });
});
