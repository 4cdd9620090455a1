// The cgroup records of a launch plan: leaves in attach order, limits, devices and the watch for kills by memory.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cgroupDirs, cgroupVersion, controllerDir } from '../cgroup-layout.ts';
import { cgroupWrites } from '../cgroup-limits.ts';
import type { CgroupWrite } from '../cgroup-write.ts';
import { encodeRecord } from '../codec.ts';
import { DEFAULT_DEVICE_RULES, deviceLine, deviceProgram, parseDeviceRule, type DeviceRule } from '../device-rules.ts';
import { PLAN } from '../records.ts';
import type { PlanInput } from './input.ts';

/** The records cgroup, cgroupFile, cgroupDevices and oomWatch. */
export function cgroupRecords(input: PlanInput): readonly Buffer[] {
  const { facts, cgroup, host } = input;
  const memory = controllerDir(facts.cgroups, 'memory', cgroup);
  const version = cgroupVersion(facts.cgroups);
  return [
    ...cgroupDirs(facts.cgroups, cgroup).map((dir) => encodeRecord(PLAN.cgroup, { dir })),
    ...inheritedCpuset(input).map((write) => fileRecord(write)),
    ...cgroupWrites(facts.cgroups, cgroup, host).map((write) => fileRecord(write)),
    ...deviceRecords(input),
    ...(memory === '' ? [] : [encodeRecord(PLAN.oomWatch, { dir: memory, version })]),
  ];
}

/** Version 1 takes no process into a cpuset that is empty: what the container does not choose is its parent's. */
function inheritedCpuset({ facts, cgroup, host }: PlanInput): readonly CgroupWrite[] {
  const hierarchy = facts.cgroups.v1.find(({ controllers }) => controllers.includes('cpuset'));
  if (hierarchy === undefined) return [];
  const dir = join(hierarchy.mountpoint, cgroup);
  const files = [...(host.CpusetCpus ? [] : ['cpuset.cpus']), ...(host.CpusetMems ? [] : ['cpuset.mems'])];
  return files.map((file) => ({
    dir,
    file,
    value: readFileSync(join(dirname(dir), file), 'utf8').trim(),
    optional: false,
  }));
}

function deviceRecords(input: PlanInput): readonly Buffer[] {
  const { facts, cgroup, host } = input;
  if (host.Privileged === true) return [];
  const rules = deviceRules(input);
  const v1 = controllerDir(facts.cgroups, 'devices', cgroup);
  if (v1 === '') {
    if (facts.cgroups.unified === '') return [];
    const [dir] = cgroupDirs({ ...facts.cgroups, v1: [] }, cgroup);
    return dir === undefined ? [] : [encodeRecord(PLAN.cgroupDevices, { dir, program: deviceProgram(rules) })];
  }
  return rules.map((rule) =>
    fileRecord({
      dir: v1,
      file: rule.allow ? 'devices.allow' : 'devices.deny',
      value: deviceLine(rule),
      optional: false,
    }),
  );
}

/** Docker's list, then the container's devices and rules of its own. */
function deviceRules({ devices, host }: PlanInput): readonly DeviceRule[] {
  const mapped = devices.map(({ type, major, minor, access }): DeviceRule => ({
    type,
    major,
    minor,
    access,
    allow: true,
  }));
  return [...DEFAULT_DEVICE_RULES, ...mapped, ...(host.DeviceCgroupRules ?? []).map(parseDeviceRule)];
}

function fileRecord(write: { dir: string; file: string; value: string; optional: boolean }): Buffer {
  return encodeRecord(PLAN.cgroupFile, { ...write, optional: write.optional ? 1 : 0 });
}
