/**
 * Compiles the kernels with AssemblyScript, strict and with relaxed-SIMD multiply-add, into `src/kernels/bytes.ts`.
 * Does nothing where that file was made from these sources already: `node assembly/build.mjs [--force]`.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../src/kernels/bytes.ts', import.meta.url));
const sources = readdirSync(here).filter((name) => name.endsWith('.ts')).sort();
const read = (name) => readFileSync(here + name, 'utf8');
const digest = createHash('sha256').update(sources.map((name) => `${name}\n${read(name)}`).join('\n')).digest('hex');

const current = (() => {
  try {
    return /SOURCES = '(\w+)'/.exec(readFileSync(target, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
})();
if (current === digest && !process.argv.includes('--force')) process.exit(0);

async function compile(...features) {
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--noExportMemory', '--disableWarning', '112', '--enable', 'simd', '--enable', 'threads'];
  let bytes;
  const { error, stderr } = await asc.main(['index.ts', '--outFile', 'kernels.wasm', ...flags, ...features.flatMap((name) => ['--enable', name])], {
    readFile: (name) => {
      try {
        return read(name);
      } catch {
        return null;
      }
    },
    listFiles: () => sources,
    writeFile: (_, contents) => (bytes = contents),
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return Buffer.from(bytes).toString('base64');
}

const lines = (base64) => base64.match(/.{1,160}/g).map((line) => `  '${line}'`).join(' +\n');
const strict = await compile();
const relaxed = await compile('relaxed-simd');
writeFileSync(target, `/** The compiled kernels of \`assembly/\`; made by \`assembly/build.mjs\`, not by hand. */

/** SHA-256 of the sources these bytes were made from. */
export const SOURCES = '${digest}';

/** Rounds after each operation: the same bits on every machine. */
export const STRICT =
${lines(strict)};

/** Multiply-add in one rounding where the processor can. */
export const RELAXED =
${lines(relaxed)};
`);
console.log(`kernels: ${Math.round(strict.length * 0.75)} bytes strict, ${Math.round(relaxed.length * 0.75)} bytes relaxed`);
