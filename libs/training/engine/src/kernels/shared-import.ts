/**
 * The same module for shared memory: a wasm binary says of the memory it imports whether it is shared, and nothing else differs.
 * Rewrites the import section's limits from "at least 0 pages" to "0 to 65536 pages, shared".
 */
export function withSharedMemory(bytes: Uint8Array): Uint8Array {
  const at = importSection(bytes);
  // One import: "env" "memory", kind 2, flags 0, minimum.
  const limits = at.end - 2;
  if (bytes[limits] !== 0 || bytes[limits - 1] !== 2) throw new Error('kernels: the memory import is not the only one');
  const shared = [0x03, bytes[limits + 1], 0x80, 0x80, 0x04];
  const body = [...bytes.subarray(at.start, limits), ...shared];
  return Uint8Array.from([...bytes.subarray(0, at.size), ...leb(body.length), ...body, ...bytes.subarray(at.end)]);
}

/** Where the import section's size and body stand. */
function importSection(bytes: Uint8Array): { readonly size: number; readonly start: number; readonly end: number } {
  for (let i = 8; i < bytes.length; ) {
    const id = bytes[i];
    const [length, start] = readLeb(bytes, i + 1);
    if (id === 2) return { size: i + 1, start, end: start + length };
    i = start + length;
  }
  throw new Error('kernels: no imports');
}

function readLeb(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at];
  }
}

const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]);
