// Tells a tar by its first header. Pure.

/** Whether a block of 512 bytes is a header: its sum counts its own field as spaces. */
export function checksumFits(block: Uint8Array): boolean {
  const field = Buffer.from(block.subarray(148, 156)).toString('latin1').replace(/\0.*$/s, '');
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  return parseInt(field.trim(), 8) === sum && block.some((byte) => byte !== 0);
}
