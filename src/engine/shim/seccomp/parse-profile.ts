// Reads a profile in Docker's JSON form (`--security-opt seccomp=…`). Unknown actions and operators are refused, since
// a filter that is laxer than its author thinks is worse than none.
import { GantryError } from '../../../base/error.ts';
import type { Action, Arch, ArgCheck, Profile, Rule } from './profile.ts';

type Json = Readonly<Record<string, unknown>>;

const ARCHES: Readonly<Record<string, Arch>> = {
  amd64: 'x86_64',
  x86: 'x86',
  x32: 'x32',
  arm64: 'aarch64',
  arm: 'arm',
};
const OPS: Readonly<Record<string, ArgCheck['op']>> = {
  SCMP_CMP_EQ: 'eq',
  SCMP_CMP_NE: 'ne',
  SCMP_CMP_LT: 'lt',
  SCMP_CMP_LE: 'le',
  SCMP_CMP_GT: 'gt',
  SCMP_CMP_GE: 'ge',
  SCMP_CMP_MASKED_EQ: 'maskedEq',
};

/** The profile of a JSON text. Throws engine/bad-parameter `Decoding seccomp profile failed: …`. */
export function parseProfile(text: string): Profile {
  const json = parseJson(text);
  return {
    defaultAction: action(json['defaultAction'], json['defaultErrnoRet']),
    rules: list(json['syscalls']).map(parseRule),
  };
}

function parseJson(text: string): Json {
  try {
    return object(JSON.parse(text));
  } catch (cause) {
    throw refused('it is no JSON object', cause);
  }
}

function parseRule(json: Json): Rule {
  const includes = object(json['includes'] ?? {});
  const excludes = object(json['excludes'] ?? {});
  const name = typeof json['name'] === 'string' ? [json['name']] : [];
  const arches = strings(includes['arches']).flatMap((arch) => ARCHES[arch] ?? []);
  const excluded = strings(excludes['arches']).flatMap((arch) => ARCHES[arch] ?? []);
  return {
    names: [...name, ...strings(json['names'])],
    action: action(json['action'], json['errnoRet']),
    args: list(json['args']).map(parseArg),
    ...(includes['caps'] === undefined ? {} : { caps: strings(includes['caps']).map(capName) }),
    ...(excludes['caps'] === undefined ? {} : { withoutCaps: strings(excludes['caps']).map(capName) }),
    ...(includes['arches'] === undefined && excluded.length === 0
      ? {}
      : {
          arches: (includes['arches'] === undefined ? Object.values(ARCHES) : arches).filter(
            (a) => !excluded.includes(a),
          ),
        }),
    ...(typeof includes['minKernel'] === 'string' ? { minKernel: kernel(includes['minKernel']) } : {}),
  };
}

function parseArg(json: Json): ArgCheck {
  const op = OPS[String(json['op'])];
  const index = Number(json['index']);
  if (op === undefined || !Number.isInteger(index) || index < 0 || index > 5) throw refused('bad argument check');
  const value = unsigned(json['value']);
  // With MASKED_EQ, `value` is the mask and `valueTwo` what is compared.
  return op === 'maskedEq' ? { index, op, mask: value, value: unsigned(json['valueTwo']) } : { index, op, value };
}

function action(name: unknown, errno: unknown): Action {
  switch (name) {
    case 'SCMP_ACT_ALLOW':
      return 'allow';
    case 'SCMP_ACT_LOG':
      return 'log';
    case 'SCMP_ACT_KILL':
    case 'SCMP_ACT_KILL_THREAD':
      return 'killThread';
    case 'SCMP_ACT_KILL_PROCESS':
      return 'killProcess';
    case 'SCMP_ACT_ERRNO':
      return { errno: typeof errno === 'number' ? errno : 1 };
    default:
      throw refused(`unsupported action ${JSON.stringify(name)}`);
  }
}

function unsigned(value: unknown): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refused('bad argument value');
  return BigInt.asUintN(64, BigInt(value));
}

function capName(name: string): string {
  return name.replace(/^CAP_/, '');
}

function kernel(text: string): [number, number] {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  return [major, minor];
}

function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused('an object is expected');
  return value as Json;
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function refused(why: string, cause?: unknown): GantryError {
  return new GantryError('engine/bad-parameter', `Decoding seccomp profile failed: ${why}`, { cause });
}
