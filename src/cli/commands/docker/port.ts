// `docker port`: where a container's ports are published.
import { GantryError } from '../../../base/error.ts';
import type { DefineVerb } from '../../verb.ts';

/** `gantry docker port`. */
export const port: DefineVerb = (command, begin) => {
  command
    .argument('<container>')
    .argument('[port]')
    .action((name: string, wanted: string | undefined) =>
      begin(async (context) => {
        const docker = await context.docker();
        const { Ports: ports } = (await docker.getContainer(name).inspect()).NetworkSettings;
        const all = Object.entries(ports).map(([inside, bindings]) => [inside, bindings ?? []] as const);
        const chosen = wanted === undefined ? all : all.filter(([inside]) => inside === portName(wanted));
        const lines = chosen.flatMap(([inside, bindings]) =>
          bindings.map(({ HostIp: ip, HostPort: outside }) => {
            const place = `${ip.includes(':') ? `[${ip}]` : ip}:${outside}`;
            return wanted === undefined ? `${inside} -> ${place}` : place;
          }),
        );
        if (wanted !== undefined && lines.length === 0)
          throw new GantryError('engine/not-found', `Error: No public port '${wanted}' published for ${name}`);
        context.print(
          lines
            .sort(natural)
            .map((line) => `${line}\n`)
            .join(''),
        );
        return 0;
      }),
    );
};

function portName(text: string): string {
  const [number = '', protocol = 'tcp'] = text.split('/');
  if (/^\d+$/.test(number) && Number(number) < 65_536) return `${number}/${protocol}`;
  throw new GantryError('usage/invalid-flag', `Error: invalid port (${number})`);
}

/** Numbers by their value, everything else by its characters. */
function natural(a: string, b: string): number {
  const [left, right] = [a.match(/\d+|\D/g) ?? [], b.match(/\d+|\D/g) ?? []];
  for (const [index, part] of left.entries()) {
    const other = right[index] ?? '';
    if (part === other) continue;
    const isNumber = /^\d/.test(part) && /^\d/.test(other);
    return isNumber ? Number(part) - Number(other) : part < other ? -1 : 1;
  }
  return left.length - right.length;
}
