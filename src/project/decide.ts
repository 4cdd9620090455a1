// Whether a container may stay as it is: docker compose's rules, each with its reason in words.
import type { Project } from '../compose/model/project.ts';
import type { Service } from '../compose/model/service.ts';
import { networksOf } from './desired/networking.ts';
import { LABEL } from './labels.ts';
import { imageOf } from './names.ts';
import type { Observed, ObservedContainer } from './observed.ts';

/** How eager to make containers again. */
export type RecreateMode = 'diverged' | 'always' | 'never';

/** What a decision is made from. */
export interface DecisionInput {
  readonly project: Project;
  readonly service: Service;
  readonly observed: Observed;
  readonly hash: string;
  readonly mode: RecreateMode;
  /** A service whose namespaces or volumes it uses that is being made again. */
  readonly remadeParent: string | undefined;
}

/** Why the container must be made again; undefined: it stays. */
export function recreateCause(container: ObservedContainer, input: DecisionInput): string | undefined {
  if (input.mode === 'never') return undefined;
  if (input.mode === 'always') return 'recreate was asked for';
  if (input.remadeParent !== undefined) return `service "${input.remadeParent}" it shares with is recreated`;
  if (container.hash !== input.hash) return 'its configuration changed';
  return imageCause(container, input) ?? networkCause(container, input);
}

function imageCause(container: ObservedContainer, input: DecisionInput): string | undefined {
  const image = imageOf(input.project.name, input.service);
  const current = input.observed.images.get(image);
  const used = container.labels[LABEL.image] ?? container.imageId;
  return current !== undefined && current !== used ? `image ${image} changed` : undefined;
}

/** A network of the same name that is another network now, or none. */
function networkCause(container: ObservedContainer, input: DecisionInput): string | undefined {
  for (const { name } of networksOf(input.project, input.service)) {
    const at = container.networks[name];
    if (at === undefined) return `it is not connected to network ${name}`;
    if (at !== '' && at !== input.observed.networks.get(name)?.id) return `network ${name} is another one now`;
  }
  return undefined;
}
