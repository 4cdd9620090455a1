// Tells IP addresses from other text. node:net could too, but loading it costs more than reading a small project.

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const GROUP = /^[0-9a-fA-F]{1,4}$/;

/** True for an IPv4 or IPv6 address; a zone (`%eth0`) is allowed on IPv6. */
export function isIp(text: string): boolean {
  return IPV4.test(text) || isIpv6(text);
}

function isIpv6(text: string): boolean {
  const address = /^([^%]*)(?:%[0-9a-zA-Z.:-]+)?$/.exec(text)?.[1] ?? '';
  const halves = address.split('::');
  if (!address.includes(':') || halves.length > 2) return false;
  const sizes = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (sizes.some(Number.isNaN)) return false;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return halves.length === 2 ? total <= 7 : total === 8;
}

/** Groups of 16 bits in a run; an IPv4 address at the end is two. NaN when one of them is none. */
function groupsOf(run: string, isLast: boolean): number {
  if (run === '') return 0;
  const groups = run.split(':');
  const tail = groups.at(-1) ?? '';
  const embedded = isLast && IPV4.test(tail);
  const plain = embedded ? groups.slice(0, -1) : groups;
  return plain.every((group) => GROUP.test(group)) ? plain.length + (embedded ? 2 : 0) : NaN;
}
