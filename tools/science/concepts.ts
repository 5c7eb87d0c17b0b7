import type { Concept } from '@gradstream/diagnostics';

/** docs/concepts.md: each concept with its command and its page. */
export const conceptsPage = (concepts: readonly Concept[]): string => [
  '# Concepts, one command each',
  '',
  'Written by `npm run recipes -- --write`; do not edit. Each concept of the textbook account of training, the command that shows it, and the page of the viewer that draws it (`gradstream serve`, then the address with the part below behind it). `gradstream recipe show <id>` prints the claim, its source, and what it does not show; [verdicts](verdicts.md) holds the numbers. Commands of section A need no data but what ships; for the others `--data-dir DIR` names the folder with MNIST, Fashion-MNIST, the small tables and tiny Shakespeare.',
  '',
  '| concept | command | what it shows | page |',
  '| --- | --- | --- | --- |',
  ...concepts.map(({ id, name, recipe, shows }) => `| ${name} | \`gradstream recipe run ${recipe}\` | ${shows} | \`?lesson=${id}\` |`),
  '',
  '## Often said, and what holds',
  '',
  ...concepts.flatMap(({ name, said, holds, source }) => (said && holds ? [`- **${name}** (${source}). Often said: ${said} What holds: ${holds}`] : [])),
  '',
].join('\n');
