import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalName,
  familiarName,
  parseReference,
  repositoryTag,
  withDefaultTag,
} from '../../../../src/engine/images/reference.ts';

const HEX = 'a'.repeat(64);

describe('image references', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
    ['docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['index.docker.io/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['someone/tool:v1', 'docker.io/someone/tool:v1', 'someone/tool:v1'],
    ['library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
    ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
    ['localhost:5000/x:2', 'localhost:5000/x:2', 'localhost:5000/x:2'],
    ['ghcr.io/a/b/c', 'ghcr.io/a/b/c:latest', 'ghcr.io/a/b/c:latest'],
    ['[::1]:5000/x', '[::1]:5000/x:latest', '[::1]:5000/x:latest'],
    [`busybox@sha256:${HEX}`, `docker.io/library/busybox@sha256:${HEX}`, `busybox@sha256:${HEX}`],
    ['a__b-c--d/f_g.h', 'docker.io/a__b-c--d/f_g.h:latest', 'a__b-c--d/f_g.h:latest'],
    ['docker.io/a.b/c', 'docker.io/a.b/c:latest', 'docker.io/a.b/c:latest'],
  ])('%s', (text, canonical, familiar) => {
    const ref = withDefaultTag(parseReference(text));
    expect([canonicalName(ref), familiarName(ref)]).toEqual([canonical, familiar]);
  });

  it.each([
    ['', 'invalid reference format'],
    [':tag', 'invalid reference format'],
    ['a//b', 'invalid reference format'],
    ['../x', 'invalid reference format'],
    ['a/../b', 'invalid reference format'],
    ['x/', 'invalid reference format'],
    ['-x', 'invalid reference format'],
    ['a..b', 'invalid reference format'],
    ['a:b:c', 'invalid reference format'],
    [`a:${'t'.repeat(129)}`, 'invalid reference format'],
    ['a@sha256:../../x', 'invalid reference format'],
    [`a@sha512:${HEX}`, 'invalid reference format'],
    ['a\n', 'invalid reference format'],
    ['Busybox', 'invalid reference format: repository name (library/Busybox) must be lowercase'],
    [HEX, `invalid repository name (${HEX}), cannot specify 64-byte hexadecimal strings`],
    [`localhost/${'a'.repeat(250)}`, 'repository name must not be more than 255 characters'],
  ])('refuses %j', (text, message) => {
    expect(() => parseReference(text)).toThrow(message);
  });

  it('joins a repository and a tag as the API gives them', () => {
    expect(repositoryTag('', '')).toBeUndefined();
    expect(repositoryTag('a/b', '')).toMatchObject({ path: 'a/b', tag: 'latest' });
    expect(repositoryTag('a/b:1', '2')).toMatchObject({ tag: '2' });
    expect(() => repositoryTag('a', 'x y')).toThrow('invalid tag format');
    expect(() => repositoryTag(`a@sha256:${HEX}`, '')).toThrow('cannot import digest reference');
  });

  it('reads its own canonical and familiar names back', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,4})?$/);
    const domain = fc.constantFrom('docker.io', 'localhost:5000', 'ghcr.io', 'registry.example.com');
    const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(domain, path, fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), (host, name, tag) => {
        const ref = parseReference(`${host}/${name}:${tag}`);
        expect(parseReference(canonicalName(ref))).toEqual(ref);
        expect(canonicalName(parseReference(familiarName(ref)))).toBe(canonicalName(ref));
      }),
    );
  });
});
