// The compose file of a table.
import type { Subject, Table } from './row.ts';

/** What a service has unless it says otherwise. */
const USUAL = { image: 'busybox', command: 'sleep 100000', stop_grace_period: '0s' };

/** Its text. */
export function composeText({ subjects, rest = '' }: Table): string {
  return `services:\n${subjects.map(serviceText).join('')}${rest}`;
}

function serviceText({ name, yaml }: Subject): string {
  if (yaml === undefined) return '';
  const own = yaml
    .trim()
    .split('\n')
    .filter((line) => line !== '');
  const usual = Object.entries(USUAL)
    .filter(([key]) => !own.some((line) => line.startsWith(`${key}:`)))
    .map(([key, value]) => `${key}: ${value}`);
  return [`  ${name}:`, ...[...usual, ...own].map((line) => `    ${line}`)].join('\n') + '\n';
}
