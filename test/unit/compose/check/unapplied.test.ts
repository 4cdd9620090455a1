// What is not applied says so, once for each attribute, where it is first used.
import { describe, expect, it } from 'vitest';
import { FILE } from '../../../../src/compose/attributes/file.ts';
import type { Shape } from '../../../../src/compose/attributes/shape.ts';
import { limitOf, LIMITS, NOTES } from '../../../../src/compose/attributes/support.ts';
import { load, places } from '../../../support/compose-files.ts';

const FILES = `services:
  a:
    image: x
    deploy: {mode: replicated, update_config: {order: stop-first}}
    storage_opt: {}
    use_api_socket: false
    userns_mode: host
  b:
    image: x
    deploy: {update_config: {order: stop-first}}
    volumes: [{type: bind, source: /a, target: /b, consistency: cached}]
    secrets: [plain, {source: called, target: /x, gid: "5", mode: 0400}, {source: set, mode: 0400}]
secrets:
  plain: {file: ./s}
  called: {file: ./s, name: other}
  set: {environment: HOME}
`;

/** True when the table has the path. */
function exists(shape: Shape, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return true;
  if (shape.kind === 'union') return shape.options.some((option) => exists(option, [key, ...rest]));
  if (shape.kind === 'list') return key === '*' && exists(shape.item, rest);
  if (shape.kind === 'dict') return key === '*' && exists(shape.value, rest);
  const field = shape.kind === 'object' ? shape.fields[key] : undefined;
  return field !== undefined && exists(field, rest);
}

describe('attributes that are not applied', () => {
  it('are named where they are first used, and only where they ask for something', async () => {
    const { warnings } = await load(FILES, { tellUnapplied: true });
    expect(places(warnings)).toEqual([
      '4:32 services.a.deploy.update_config is not applied: there is no cluster that would need it (also in 1 other place)',
      '11:52 services.b.volumes.0.consistency is not applied: files of the host are always the same on both sides',
      '12:51 services.b.secrets.1.gid, mode are not applied: "called" is a file of this machine and keeps its owner and mode',
      '15:23 secrets.called.name is not applied: secrets and configs are files of a container, no objects of the engine',
    ]);
  });

  it('are not mentioned to those who do not ask', async () => {
    expect((await load(FILES)).warnings).toEqual([]);
  });

  it.each([...Object.keys(LIMITS), ...Object.keys(NOTES)])('%s is an attribute', (path) => {
    expect(exists(FILE, path.split('.'))).toBe(true);
  });

  it('share the fate of what they are a part of', () => {
    expect(limitOf('services.*.deploy.placement.constraints')?.as).toBe('ignored');
    expect(limitOf('services.*.deploy.replicas')).toBeUndefined();
  });
});
