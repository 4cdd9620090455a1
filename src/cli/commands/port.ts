// `port`: where a container's port is published.
import type { ContainerSummary } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import type { Context } from '../context.ts';
import { integerOf } from '../flags.ts';
import { selectOne, type ReplicaFlags } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

interface PortFlags extends ReplicaFlags {
  readonly protocol: string;
}

/** `gantry port`. */
export const port: DefineVerb = (command, begin) => {
  command
    .argument('<service>')
    .argument('<port>')
    .option('--protocol <protocol>', 'tcp or udp', 'tcp')
    .option('--index <n>', 'of this replica')
    .action((service: string, text: string, flags: PortFlags) =>
      begin(async (context) => await runPort(context, { service, text, flags })),
    );
};

interface PortRequest {
  readonly service: string;
  readonly text: string;
  readonly flags: PortFlags;
}

async function runPort(context: Context, { service, text, flags }: PortRequest): Promise<undefined> {
  const [number = '', protocol = flags.protocol] = text.split('/');
  const target = integerOf('PORT', number, 1);
  const container = await selectOne(context, service, flags);
  const docker = await context.docker();
  const [item] = await docker.listContainers({ all: true, filters: { id: [container.id] } });
  const found = item?.Ports.find(
    (at) => at.PrivatePort === target && at.Type === protocol && at.PublicPort !== undefined,
  );
  if (found?.PublicPort === undefined) {
    throw new GantryError(
      'project/operation-failed',
      `no port ${number}/${protocol} for container ${container.name}${published(item)}`,
      {
        hint: 'gantry ps shows what is published',
      },
    );
  }
  const host = found.IP?.includes(':') === true ? `[${found.IP}]` : (found.IP ?? '');
  context.print(`${host}:${found.PublicPort}\n`);
  return undefined;
}

/** What is published instead. */
function published(item: ContainerSummary | undefined): string {
  const ports = (item?.Ports ?? []).filter((at) => at.PublicPort !== undefined);
  const texts = new Set(ports.map((at) => `${at.PrivatePort}/${at.Type}`));
  return texts.size === 0 ? ', it publishes none' : `, it publishes ${[...texts].join(', ')}`;
}
