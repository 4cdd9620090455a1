// Health checks, and what waits for what.
import { inside, logged, shown, subject, type Table } from './row.ts';

/** Services and probes. */
export const HEALTH: Table = {
  rest: 'volumes:\n  passed:\n',
  subjects: [
    subject('checked', 'image: "checked:1"\nhealthcheck: { interval: 100ms }', [
      shown('healthcheck.interval', 'State.Health.Log', /("Output":"of the image.*){2}/),
      shown('image', 'Config.Labels.of', '"checked"'),
    ]),
    subject('unchecked', 'image: "checked:1"\nhealthcheck: { disable: true }', [
      shown('healthcheck.disable', 'State.Health', 'nothing'),
    ]),
    subject('impatient', 'healthcheck: { test: sleep 100, timeout: 150ms, interval: 100ms, retries: 2 }', [
      shown('healthcheck.timeout', 'State.Health.Log.0.Output', /exceeded timeout \(150ms\)/),
      shown('healthcheck healthcheck.test healthcheck.retries', 'State.Health.Status', '"unhealthy"'),
    ]),
    subject('patient', 'healthcheck: { test: [CMD, "false"], interval: 100ms, retries: 100000 }', [
      shown('healthcheck.test healthcheck.retries', 'State.Health', /"Status":"starting","FailingStreak":([5-9]|\d\d)/),
    ]),
    subject(
      'begins',
      'healthcheck: { test: echo probed; exit 1, interval: 1h, start_period: 1h, start_interval: 100ms, retries: 1 }',
      [
        shown(
          'healthcheck.start_interval healthcheck.start_period',
          'State.Health',
          /"FailingStreak":0,(.*"probed.*){3}/,
        ),
      ],
    ),
    subject(
      'slow',
      'command: sh -c "sleep 0.5; echo up >/passed/up; exec sleep 100000"\nvolumes: ["passed:/passed"]\nhealthcheck: { test: test -e /passed/up, interval: 100ms, retries: 1000 }',
      [],
    ),
    subject('job', 'command: sh -c "sleep 0.5; echo done >/passed/done"\nvolumes: ["passed:/passed"]', []),
    subject(
      'waits',
      `
command: sh -c "cat /passed/*; exec sleep 100000"
volumes: ["passed:/passed"]
depends_on:
  slow: { condition: service_healthy }
  job: { condition: service_completed_successfully }
  off: { condition: service_started, required: false }
`,
      [logged('depends_on depends_on.*.condition', 'done\nup'), inside('depends_on.*.required', 'echo runs', 'runs')],
    ),
  ],
};
