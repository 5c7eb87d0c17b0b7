/**
 * Writes docs/optimizers.md from the code: `node --conditions=@gradstream/source --import tsx tools/optimizers-page.ts`.
 *
 * Papers, formulas and differences stand in the header of each optimizer's file, meanings of options beside their types; what is computed is
 * printed from the expressions themselves, slots and defaults are read off a bound optimizer.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { element, toLatex, toText, uniform, type Expr, type Factory, type ParamInfo, type Rule, type Term } from '@gradstream/numerics';
import { bind, momentum, optimizers, place, schedules, transformations, type Stage, type Transformation } from '@gradstream/optimizers';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'libs/training/optimizers/src');
export const PAGE = join(root, 'docs/optimizers.md');

type Make = Factory<Record<string, unknown>, Transformation>;

/** A source file: its text by path. */
const files = new Map(readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts')).map((path) => [normalize(path), readFileSync(join(source, path), 'utf8')]));

/** The file that exports a member. */
function fileOf(name: string): string {
  const found = [...files].find(([path, text]) => path !== 'index.ts' && new RegExp(`^export const ${name} =`, 'm').test(text));
  if (!found) throw new Error(`optimizers-page: no file exports '${name}'`);
  return found[0];
}

/** A comment without its stars. */
const plain = (comment: string): string[] => comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trimEnd());

interface Header {
  /** What it is called and where it comes from. */
  readonly source: string;
  readonly formula: readonly string[];
  readonly notes: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The comment at the head of a file: source, formula (indented), notes, and `@torch`, `@keras`, `@tfjs`. */
function headerOf(path: string): Header {
  const [, comment] = /\/\*\*([\s\S]*?)\*\//.exec(files.get(path)!) ?? [];
  const [body, ...tagged] = plain(comment ?? '').join('\n').split(/\n@/);
  const paragraphs = body.trim().split(/\n\s*\n/).map((paragraph) => paragraph.replace(/^\n+/, ''));
  const isFormula = (paragraph: string): boolean => paragraph.startsWith('  ');
  const [first, ...rest] = paragraphs;
  return {
    source: first.replace(/\n/g, ' '),
    formula: rest.filter(isFormula).flatMap((paragraph) => paragraph.split('\n').map((line) => line.replace(/^ {2}/, ''))),
    notes: rest.filter((paragraph) => !isFormula(paragraph)).map((paragraph) => paragraph.replace(/\n/g, ' ')).join('\n\n'),
    tags: Object.fromEntries(tagged.map((tag) => [tag.slice(0, tag.indexOf(' ')), tag.slice(tag.indexOf(' ') + 1).replace(/\s+/g, ' ').trim()])),
  };
}

/** What the comment beside an option says: searched in the member's file, then in those it imports. */
export function commentOf(option: string, path: string, seen = new Set<string>()): string | undefined {
  seen.add(path);
  const text = files.get(path) ?? '';
  const found = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*readonly ${option}\\??:`).exec(text);
  if (found) return plain(found[1]).join(' ').trim();
  for (const [, relative] of text.matchAll(/from '(\.[^']+)'/g)) {
    const next = normalize(join(dirname(path), relative));
    const deeper = seen.has(next) ? undefined : commentOf(option, next, seen);
    if (deeper) return deeper;
  }
  return undefined;
}

/** What an option is when it is not given, as its comment says. */
export const defaultOf = (comment: string): string | undefined => /Default:? ('[^']+'|[^\s.,:]+(?:\.\d+)?(?:e-?\d+)?|[^.]+)/.exec(comment)?.[1];

const REQUIRED: Readonly<Record<string, unknown>> = { learningRate: 1e-3, inner: momentum({ learningRate: 0.1 }) };
export const buildPlain = (make: Make): Transformation => make(Object.fromEntries(make.required.map((option) => [option, REQUIRED[option]])));

const MATRIX: ParamInfo = { name: 'matrix', shape: [30, 20], role: 'kernel' };
const VECTOR: ParamInfo = { name: 'vector', shape: [20], role: 'bias' };

/** Slots of a matrix and of a vector: name and size. */
function slotsOf(made: Transformation): string {
  const { slots } = bind(made, [MATRIX, VECTOR], { executor: 'js' }).snapshot();
  const of = ({ name, shape }: ParamInfo): string => {
    const own = [...slots].filter(([key]) => key.endsWith(`/${name}`)).map(([key, slot]) => [key.split('/')[1], slot.values.length] as const);
    const whole = shape.reduce((n, d) => n * d, 1);
    return own.length === 0 ? 'none' : own.map(([slot, size]) => `\`${slot}\`${size === whole ? '' : size === shape[0] ? ' (rows)' : ' (columns)'}`).join(', ');
  };
  const [matrix, vector] = [of(MATRIX), of(VECTOR)];
  return matrix === vector ? matrix : `${matrix} for a matrix, ${vector} for a vector`;
}

/** Every link of an optimizer, in order, with what it computes. */
function computed(stages: readonly Stage[]): string[] {
  return stages.flatMap((stage) => {
    if (stage.type === 'wrapper') return [`# ${stage.link.name}, around`, ...computed(stage.inner)];
    if (stage.type === 'tensorwise') return [`# ${stage.link.name}: reductions, see above`];
    return stage.links.flatMap(({ link, path }) => {
      const names = [...Object.keys(link.hyper), ...Object.keys(link.scalars), ...Object.keys(link.constants)];
      const scope = Object.fromEntries([['g', element('g')], ['p', element('p')], ['t', uniform('t')], ...names.map((name) => [name, uniform(name)]), ...Object.keys(link.slots).map((slot) => [slot, element(slot)])]) as Record<string, Expr>;
      return [`# ${path.includes('.') ? path : link.name}`, ...assignments(link.update(scope)).map(([name, expr, known]) => `${name} ← ${toText(expr, known)}`)];
    });
  });
}

/** New values in the order they are computed: slots and scalars first; a later line uses the names of those before. */
function assignments(updated: Readonly<Record<string, Term>>): [name: string, expr: Expr, known: ReadonlyMap<Expr, string>][] {
  const known = new Map<Expr, string>();
  const { g, ...kept } = updated;
  return [...Object.entries(kept), ['g', g] as const].map(([name, term]) => {
    const expr: Expr = typeof term === 'number' ? { op: 'constant', value: term, args: [], uniform: true } : term;
    const entry: [string, Expr, ReadonlyMap<Expr, string>] = [name, expr, new Map(known)];
    if (name !== 'g' && expr.args.length > 0) known.set(expr, `${name}`);
    return entry;
  });
}

function latex(stages: readonly Stage[]): string[] {
  const links = stages.flatMap((stage) => (stage.type === 'segment' ? stage.links : []));
  return links.filter(({ link }) => link.name.startsWith('scaleBy') && link.name !== 'scaleByLearningRate').flatMap(({ link }) => {
    const names = [...Object.keys(link.hyper), ...Object.keys(link.scalars), ...Object.keys(link.constants)];
    const scope = Object.fromEntries([['g', element('g')], ['p', element('p')], ['t', uniform('t')], ...names.map((name) => [name, uniform(name)]), ...Object.keys(link.slots).map((slot) => [slot, element(slot)])]) as Record<string, Expr>;
    return assignments(link.update(scope)).map(([name, expr, known]) => `${toLatex(element(name))} \\leftarrow ${toLatex(expr, known)}`);
  });
}

const escaped = (text: string): string => text.replace(/\|/g, '\\|').replace(/\n/g, ' ');
const anchor = (text: string): string => text.toLowerCase();

function optionRows(make: Make, path: string): string[] {
  return Object.entries<Rule>(make.options).map(([option, rule]) => {
    const comment = commentOf(option, path);
    if (!comment) throw new Error(`optimizers-page: option '${option}' of '${make.factoryName}' has no comment`);
    const value = make.required.includes(option) ? 'required' : defaultOf(comment) ?? '';
    return `| \`${option}\` | ${escaped(value)} | ${escaped(comment.replace(/\s*Default:? .*$/, ''))} | ${rule.kinds?.includes('schedule') ? 'yes' : ''} |`;
  });
}

function entry(name: string, make: Make): string {
  const path = fileOf(name);
  const header = headerOf(path);
  const made = buildPlain(make);
  const stages = place(made, [MATRIX, VECTOR]);
  return [
    `### ${name}`,
    header.source,
    ['```', ...header.formula, '```'].join('\n'),
    header.notes,
    `Slots per parameter: ${slotsOf(made)}.`,
    ['| option | default | meaning | may change |', '| --- | --- | --- | --- |', ...optionRows(make, path)].join('\n'),
    ['What is computed, with the defaults (`g` on the right is what the line before handed on):', '', '```', ...computed(stages), '```'].join('\n'),
    ...(latex(stages).length > 0 ? [['```math', '\\begin{aligned}', latex(stages).map((line) => line.replace(' \\leftarrow', ' &\\leftarrow')).join(' \\\\\n'), '\\end{aligned}', '```'].join('\n')] : []),
  ].filter((part) => part !== '').join('\n\n');
}

/** First sentence of what is said about a member: beside it, or at the head of its file. */
function sentence(name: string): string {
  const path = fileOf(name);
  const text = files.get(path)!;
  const [, beside] = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*export const ${name} =`).exec(text) ?? [];
  const said = (beside ? plain(beside).join(' ') : headerOf(path).source).trim();
  return /^.*?(?:[.](?=\s[A-Z]|$)|$)/.exec(said)![0].replace(/,? https:\S+/, '');
}

const members = Object.entries(optimizers) as unknown as [string, Make][];

/** The page. */
export function optimizersPage(): string {
  const conformance = members.map(([name]) => {
    const { tags } = headerOf(fileOf(name));
    const of = (library: string): string => {
      if (!tags[library]) throw new Error(`optimizers-page: the header of '${name}' has no @${library}`);
      return escaped(tags[library]);
    };
    return `| [${name}](#${anchor(name)}) | ${of('torch')} | ${of('keras')} | ${of('tfjs')} |`;
  });
  const others = Object.keys(transformations).filter((name) => !Object.hasOwn(optimizers, name) && !name.includes('.') && name !== 'chain' && name !== 'masked');
  return [
    '# Optimizers',
    '<!-- Written by tools/optimizers-page.ts from the code; edit there. -->',
    'Every optimizer is a chain of transformations; each element-wise rule is written once, as the expression printed here, and runs on all engines. `g` is the gradient (or what the link before made of it), `p` the param, `t` the count of this update (1, 2, …). Where an option "may change", a number, a function of the step or a stream may stand.',
    '## Conformance',
    'Where others differ from the paper and from us: torch 1.13 to 2.9, Keras 3, TensorFlow.js 4.22. "The same" says that golden vectors or their sources agree.',
    ['| optimizer | torch | Keras | TensorFlow.js |', '| --- | --- | --- | --- |', ...conformance].join('\n'),
    '## Members',
    ...members.map(([name, make]) => entry(name, make)),
    '## Transformations and wrappers',
    ['| name | what it does |', '| --- | --- |', ...others.map((name) => `| \`${name}\` | ${escaped(sentence(name))} |`)].join('\n'),
    '## Schedules',
    ['| name | what it is |', '| --- | --- |', ...Object.keys(schedules).map((name) => `| \`${name}\` | ${escaped(sentence(name))} |`)].join('\n'),
  ].join('\n\n') + '\n';
}

if (process.argv[1] && existsSync(process.argv[1]) && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) writeFileSync(PAGE, optimizersPage());
