import { constants } from 'node:os';
import { expect, test } from 'vitest';
import { GantryError } from '../../../../src/base/error.ts';
import { execFailure, startFailure } from '../../../../src/engine/shim/errors.ts';
import { failureError, failureFrom, failureOf, type Failure } from '../../../../src/engine/shim/failure.ts';
import { STEPS } from '../../../../src/engine/shim/records.ts';

const { ENOENT, EACCES, EISDIR, ENOEXEC, ERANGE, ENOTDIR, EADDRINUSE } = constants.errno;
const context = { argv: ['nope'], user: 'bob', cwd: '/w' };
const start = (failure: Failure, argv = ['nope']): ReturnType<typeof startFailure> =>
  startFailure(failureError(failure), { ...context, argv });

test.each([
  [{ step: 'exec', errno: ENOENT, path: 'nope' }, 'exec: "nope": executable file not found in $PATH', 127],
  [{ step: 'exec', errno: EACCES, path: 'nope' }, 'exec: "nope": permission denied', 126],
  [{ step: 'exec', errno: EISDIR, path: 'nope' }, 'is a directory', 126],
  [{ step: 'exec', errno: ENOEXEC, path: 'nope' }, 'exec format error', 126],
  [{ step: 'mount', errno: ENOTDIR, path: '/x' }, 'error mounting "/x" to rootfs: not a directory', 127],
  [{ step: 'workdir', errno: ENOTDIR, path: '/w' }, 'chdir to cwd ("/w")', 128],
  [{ step: 'listen', errno: EADDRINUSE, path: '0.0.0.0:80' }, 'address already in use', 128],
] satisfies [Failure, string, number][])('%j', (failure, words, exitCode) => {
  const worded = start(failure);
  expect(worded.error.message).toContain(words);
  expect(worded.error.message).toContain('unable to start container process');
  expect(worded.exitCode).toBe(exitCode);
});

test('a path is named as it was asked for', () => {
  const worded = start({ step: 'exec', errno: ENOENT, path: '/bin/x' }, ['/bin/x']);
  expect(worded.error.message).toContain('exec: "/bin/x": stat /bin/x: no such file or directory');
});

test.each([
  [{ step: 'user', errno: ENOENT, path: 'bob' }, 'unable to find user bob: no matching entries in passwd file'],
  [{ step: 'user', errno: ENOENT, path: ':staff' }, 'unable to find group staff: no matching entries in group file'],
  [{ step: 'user', errno: ERANGE, path: '4294967296' }, 'uids and gids must be in range 0-2147483647'],
] satisfies [Failure, string][])('%j is said bare', (failure, words) =>
  expect(start(failure).error.message).toBe(words),
);

test('what a client can mend is a bad request, the rest is ours', () => {
  expect(start({ step: 'exec', errno: ENOENT, path: '' }).error.status).toBe(400);
  expect(start({ step: 'clone', errno: ENOENT, path: '' }).error.status).toBe(500);
});

test('an exec says so', () => {
  const { error, exitCode } = execFailure(failureError({ step: 'exec', errno: ENOENT, path: '' }), context);
  expect(error.message).toBe(
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown',
  );
  expect(exitCode).toBe(127);
});

test('other errors keep their words', () => {
  const cause = new GantryError('engine/port-taken', 'port is already allocated');
  expect(startFailure(cause, context)).toEqual({ error: cause, exitCode: 128 });
});

test('every step of the wire has a name, an unknown one is internal', () => {
  expect(failureFrom({ step: STEPS.indexOf('user'), errno: 2, path: 'x' })).toEqual({
    step: 'user',
    errno: 2,
    path: 'x',
  });
  expect(failureFrom({ step: 9999, errno: 2, path: '' }).step).toBe('internal');
  expect(failureOf(new Error('x'))).toBeUndefined();
});
