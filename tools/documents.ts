/** Runs the code of a document: its `ts` blocks one after the other, as one module. */
import { readFileSync } from 'node:fs';
import { transformSync } from '@swc/core';

/** The code in the `ts` blocks of a Markdown text. */
export const codeOf = (markdown: string): string => [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code).join('\n');

/** Runs it; imports are resolved by `load`. */
export async function runDocument(path: string, load: (name: string) => unknown): Promise<void> {
  const imports = new Set<string>();
  const body = codeOf(readFileSync(path, 'utf8')).replace(/^import [\s\S]*?;$/gm, (line) => {
    imports.add(line);
    return '';
  }).replace(/^export (?=const|function)/gm, '');
  const module = `${[...imports].join('\n')}\nexport const done = (async () => {\n${body}\n})();`;
  const { code } = transformSync(module, { filename: path, jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } });
  const exported: { done?: Promise<void> } = {};
  new Function('require', 'exports', code)(load, exported);
  await exported.done;
}
