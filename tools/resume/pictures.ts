/** Small colour pictures in class folders, for documents that want some and need no download. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { fold, key, uniforms } from '@gradstream/numerics';

/** Writes `count` pictures of each of three classes, whose colours differ. */
export function writePictures(dir: string, count = 32, side = 12): void {
  ['blue', 'green', 'red'].forEach((name, c) => {
    mkdirSync(join(dir, name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const noise = uniforms(fold(fold(key(1), name), i), side * side * 3);
      const data = Uint8Array.from(noise, (u, j) => 200 * u * (j % 3 === 2 - c ? 1 : 0.6));
      writeFileSync(join(dir, name, `${String(i).padStart(3, '0')}.png`), encode({ width: side, height: side, channels: 3, data }));
    }
  });
}
