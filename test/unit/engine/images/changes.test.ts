import { describe, expect, it } from 'vitest';
import type { ContainerConfig } from '../../../../src/api/containers.ts';
import { applyChanges } from '../../../../src/engine/images/changes.ts';

const SECOND = 1e9;

describe('changes of an image configuration', () => {
  it.each<[string, ContainerConfig]>([
    ['CMD ["a", "b c"]', { Cmd: ['a', 'b c'] }],
    ['CMD echo hi', { Cmd: ['/bin/sh', '-c', 'echo hi'] }],
    ['CMD [broken', { Cmd: ['/bin/sh', '-c', '[broken'] }],
    ['ENTRYPOINT ["/x"]', { Entrypoint: ['/x'] }],
    ['entrypoint []', { Entrypoint: [] }],
    ['ENV A=1 B="two words" C=a\\ b', { Env: ['A=1', 'B=two words', 'C=a b'] }],
    ['ENV OLD the rest of it', { Env: ['OLD=the rest of it'] }],
    [
      "ENV A=1\nENV B=${A}2 C=${NO:-x} D=${A:+y} E=$A$$ F='$A'",
      { Env: ['A=1', 'B=12', 'C=x', 'D=y', 'E=1$$', 'F=$A'] },
    ],
    ['EXPOSE 80 53/udp 8000-8002/tcp', ports('80/tcp', '53/udp', '8000/tcp', '8001/tcp', '8002/tcp')],
    ['LABEL a=b "c d"="e f"', { Labels: { a: 'b', 'c d': 'e f' } }],
    ['USER 1000:1000', { User: '1000:1000' }],
    ['VOLUME /a /b', { Volumes: { '/a': {}, '/b': {} } }],
    ['VOLUME ["/a b"]', { Volumes: { '/a b': {} } }],
    ['WORKDIR /a\nWORKDIR b/../c', { WorkingDir: '/a/c' }],
    ['STOPSIGNAL SIGQUIT', { StopSignal: 'SIGQUIT' }],
    ['ONBUILD RUN x\nONBUILD COPY a b', { OnBuild: ['RUN x', 'COPY a b'] }],
    ['HEALTHCHECK NONE', { Healthcheck: { Test: ['NONE'] } }],
    ['HEALTHCHECK CMD curl -f x', { Healthcheck: { Test: ['CMD-SHELL', 'curl -f x'] } }],
    [
      'HEALTHCHECK --interval=5s --retries=3 CMD ["curl", "x"]',
      { Healthcheck: { Interval: 5 * SECOND, Retries: 3, Test: ['CMD', 'curl', 'x'] } },
    ],
    ['# a comment\n\n  USER a', { User: 'a' }],
  ])('%s', (text, expected) => {
    expect(applyChanges({}, [text])).toEqual(expected);
  });

  it('drops the command under a new entrypoint, unless it is given too', () => {
    const before = { Cmd: ['old'] };
    expect(applyChanges(before, ['ENTRYPOINT ["/x"]'])).toEqual({ Entrypoint: ['/x'] });
    expect(applyChanges(before, ['CMD ["new"]', 'ENTRYPOINT ["/x"]'])).toEqual({ Cmd: ['new'], Entrypoint: ['/x'] });
  });

  it('changes what is there and keeps the rest', () => {
    const before: ContainerConfig = { Env: ['A=1', 'B=2'], Labels: { a: 'b' }, WorkingDir: '/w', User: 'u' };
    expect(applyChanges(before, ['ENV A=$B', 'LABEL c=d', 'WORKDIR x'])).toEqual({
      Env: ['A=2', 'B=2'],
      Labels: { a: 'b', c: 'd' },
      WorkingDir: '/w/x',
      User: 'u',
    });
  });

  it.each([
    ['RUN rm -rf /', 'RUN is not a valid change command'],
    ['USER', 'USER requires at least one argument'],
    ['USER a b', 'USER requires exactly one argument'],
    ['ENV A', 'ENV must have two arguments'],
    ['ENV A=1 B', "Syntax error - can't find ="],
    ['ENV A="x', 'looking for matching double-quote'],
    ['EXPOSE 70000', 'invalid containerPort: 70000'],
    ['EXPOSE 9-1', 'invalid containerPort: 9-1'],
    ['EXPOSE 80/icmp', 'invalid containerPort'],
    ['HEALTHCHECK curl', 'Unknown type "curl" in HEALTHCHECK (try CMD)'],
    ['HEALTHCHECK --interval=1us CMD x', 'cannot be less than 1ms'],
    ['HEALTHCHECK --what=1 CMD x', 'unknown flag: what'],
    ['LABEL a=${b', 'unsupported modifier in substitution'],
  ])('refuses %s', (text, message) => {
    expect(() => applyChanges({}, [text])).toThrow(message);
  });
});

function ports(...names: readonly string[]): ContainerConfig {
  return { ExposedPorts: Object.fromEntries(names.map((name) => [name, {}])) };
}
