// The API's JSON as Go's values: which fields are maps and which nulls are empty lists is told by the field's name, as the
// types of Docker's own client tell it there.
import { NIL_LIST, NIL_MAP, StructMap } from './values.ts';

/** Fields that are maps. */
const MAPS: ReadonlySet<string> = new Set([
  ...['Annotations', 'Attributes', 'AuxiliaryAddresses', 'AuxAddress', 'Containers', 'Data'],
  ...[
    'Details',
    'DriverOpts',
    'DriverStatus',
    'ExposedPorts',
    'Labels',
    'Networks',
    'Options',
    'PortBindings',
    'Ports',
  ],
  ...['Runtimes', 'Status', 'StorageOpt', 'Sysctls', 'Tmpfs', 'Volumes', 'BuildArgs'],
]);

/** Those of them whose values are no strings. */
const STRUCT_MAPS: ReadonlySet<string> = new Set(['Containers', 'ExposedPorts', 'Networks', 'PortBindings', 'Ports']);

/** Fields that are pointers: null is nil, not an empty list. */
const POINTERS: ReadonlySet<string> = new Set([
  ...['Health', 'Healthcheck', 'Init', 'IPAMConfig', 'MemorySwappiness', 'Node', 'OomKillDisable', 'PidsLimit'],
  ...['SizeRw', 'SizeRootFs', 'StopTimeout', 'UsageData', 'BindOptions', 'VolumeOptions', 'TmpfsOptions'],
]);

/** An answer of the API as a value for a template. */
export function fromApi(value: unknown, field = ''): unknown {
  if (value === null) return MAPS.has(field) ? NIL_MAP : POINTERS.has(field) ? null : NIL_LIST;
  if (Array.isArray(value)) return value.map((item) => fromApi(item));
  if (typeof value !== 'object') return value;
  const isMap = MAPS.has(field) || (field === 'Config' && Object.keys(value).every((name) => /^[a-z]/.test(name)));
  const entries = Object.entries(value).map(([name, item]) => [name, fromApi(item, isMap ? '' : name)] as const);
  if (isMap) return STRUCT_MAPS.has(field) ? new StructMap(entries) : new Map(entries);
  return withPointers(Object.fromEntries(entries));
}

/** Pointers that the API leaves out instead of sending null, by a field that stands beside them. */
const LEFT_OUT: readonly (readonly [beside: string, name: string])[] = [
  ['FinishedAt', 'Health'],
  ['Cmd', 'Healthcheck'],
  ['Binds', 'Init'],
  ['RestartCount', 'SizeRw'],
  ['RestartCount', 'SizeRootFs'],
];

/** They can be asked for and are not printed with the whole. */
function withPointers(struct: Record<string, unknown>): Readonly<Record<string, unknown>> {
  for (const [beside, name] of LEFT_OUT) {
    if (beside in struct && !(name in struct)) Object.defineProperty(struct, name, { value: null, enumerable: false });
  }
  return struct;
}
