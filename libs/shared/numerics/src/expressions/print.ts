/** Expressions as people write them: one line of text, or LaTeX. */
import type { Expr } from './nodes.ts';

/** How tightly an expression holds together; an operand that holds less gets parentheses. */
const Level = { Where: 0, Sum: 1, Product: 2, Negation: 3, Power: 4, Atom: 5 } as const;
type Level = (typeof Level)[keyof typeof Level];

interface Printed {
  readonly text: string;
  readonly level: Level;
}

/** The words of a notation. */
interface Notation {
  name(name: string): string;
  number(value: number): string;
  call(name: string, args: readonly string[]): string;
  sqrt(arg: string): string;
  abs(arg: string): string;
  times: string;
  minus: string;
  /** Undefined where quotients are written in a line. */
  fraction?(numerator: string, denominator: string): string;
  power(base: string, exponent: string): string;
  sum(arg: string, over: string): string;
  where(condition: string, then: string, otherwise: string): string;
  readonly tests: Readonly<Record<'gt' | 'ge' | 'eq', string>>;
}

const TEXT: Notation = {
  name: (name) => name,
  number: (value) => (value === Infinity ? '∞' : Object.is(value, -0) ? '−0' : String(value).replace('-', '−')),
  call: (name, args) => `${name}(${args.join(', ')})`,
  sqrt: (arg) => `√(${arg})`,
  abs: (arg) => `|${arg}|`,
  times: ' · ',
  minus: ' − ',
  power: (base, exponent) => `${base}^${exponent}`,
  sum: (arg, over) => `Σ${over === 'all' ? ' over all tensors' : ''}(${arg})`,
  where: (condition, then, otherwise) => `${condition} ? ${then} : ${otherwise}`,
  tests: { gt: '>', ge: '≥', eq: '=' },
};

const GREEK: Readonly<Record<string, string>> = {
  p: '\\theta', eps: '\\varepsilon', learningRate: '\\alpha', momentum: '\\mu', weightDecay: '\\lambda', rho: '\\rho', alpha: '\\alpha', beta: '\\beta', lambda: '\\lambda', gamma: '\\gamma', eta: '\\eta',
};

const LATEX: Notation = {
  name: (name) => {
    const [, letters, index] = /^([a-zA-Z]+?)(\d*)$/.exec(name) ?? ['', name, ''];
    const base = GREEK[letters] ?? (letters === 'b' && index ? '\\beta' : letters.length === 1 ? letters : `\\mathrm{${name.slice(0, name.length - index.length)}}`);
    return index ? `${base}_{${index}}` : base;
  },
  number: (value) => {
    if (value === Infinity) return '\\infty';
    const [, mantissa, exponent] = /^(.+)e([+-]?\d+)$/.exec(String(value)) ?? [];
    if (mantissa === undefined) return String(value);
    return `${mantissa === '1' ? '' : `${mantissa} \\cdot `}10^{${Number(exponent)}}`;
  },
  call: (name, args) => `\\operatorname{${name}}\\left(${args.join(', ')}\\right)`,
  sqrt: (arg) => `\\sqrt{${arg}}`,
  abs: (arg) => `\\left|${arg}\\right|`,
  times: ' \\, ',
  minus: ' - ',
  fraction: (numerator, denominator) => `\\frac{${numerator}}{${denominator}}`,
  power: (base, exponent) => `${base}^{${exponent}}`,
  sum: (arg, over) => `\\sum_{\\text{${over === 'all' ? 'all tensors' : 'tensor'}}} ${arg}`,
  where: (condition, then, otherwise) => `\\begin{cases} ${then} & ${condition} \\\\ ${otherwise} & \\text{otherwise} \\end{cases}`,
  tests: { gt: '>', ge: '\\ge', eq: '=' },
};

/** Names for nodes that the reader knows already: they print as their name. */
export type KnownNodes = ReadonlyMap<Expr, string>;

/** One line: `b1 · m + (1 − b1) · g`. */
export const toText = (expr: Expr, known: KnownNodes = new Map()): string => print(expr, TEXT, known).text;

/** LaTeX, without the dollars: `\beta_{1} \, m + \left(1 - \beta_{1}\right) \, g`. */
export const toLatex = (expr: Expr, known: KnownNodes = new Map()): string => print(expr, LATEX, known).text;

function print(expr: Expr, notation: Notation, known: KnownNodes): Printed {
  const name = known.get(expr);
  if (name !== undefined) return { text: notation.name(name), level: Level.Atom };
  const of = (arg: Expr): string => print(arg, notation, known).text;
  const held = (arg: Expr, level: Level): string => {
    const inner = print(arg, notation, known);
    if (inner.level >= level) return inner.text;
    return notation === LATEX ? `\\left(${inner.text}\\right)` : `(${inner.text})`;
  };
  const atom = (text: string): Printed => ({ text, level: Level.Atom });
  const { name: word, number, call, times, minus, fraction, tests } = notation;
  switch (expr.op) {
    case 'constant': return { text: number(expr.value), level: expr.value < 0 ? Level.Negation : Level.Atom };
    case 'element':
    case 'uniform': return atom(word(expr.name));
    case 'sum': return { text: notation.sum(notation === LATEX ? held(expr.args[0], Level.Product) : of(expr.args[0]), expr.over), level: notation === LATEX ? Level.Product : Level.Atom };
    case 'where': {
      const [a, b, then, otherwise] = expr.args;
      const condition = `${held(a, Level.Sum)} ${tests[expr.test]} ${held(b, Level.Sum)}`;
      return { text: notation.where(condition, held(then, Level.Sum), notation === LATEX ? of(otherwise) : held(otherwise, Level.Where)), level: notation === LATEX ? Level.Atom : Level.Where };
    }
    case 'neg': return { text: `${minus.trim()}${held(expr.args[0], Level.Negation)}`, level: Level.Negation };
    case 'abs': return atom(notation.abs(of(expr.args[0])));
    case 'sqrt': return atom(notation.sqrt(of(expr.args[0])));
    case 'square': return { text: notation.power(held(expr.args[0], Level.Atom), '2'), level: Level.Power };
    case 'sign':
    case 'exp':
    case 'log':
    case 'floor':
    case 'fround': return atom(call(expr.op === 'fround' ? 'float32' : expr.op, [of(expr.args[0])]));
    case 'max':
    case 'min':
    case 'mod': return atom(call(expr.op, expr.args.map(of)));
    case 'add': return { text: `${held(expr.args[0], Level.Sum)} + ${held(expr.args[1], Level.Sum)}`, level: Level.Sum };
    case 'sub': return { text: `${held(expr.args[0], Level.Sum)}${minus}${held(expr.args[1], Level.Product)}`, level: Level.Sum };
    case 'mul': return { text: `${held(expr.args[0], Level.Product)}${times}${held(expr.args[1], Level.Product)}`, level: Level.Product };
    case 'div':
      if (fraction) return { text: fraction(of(expr.args[0]), of(expr.args[1])), level: Level.Product };
      return { text: `${held(expr.args[0], Level.Product)} / ${held(expr.args[1], Level.Negation)}`, level: Level.Product };
    case 'pow': return { text: notation.power(held(expr.args[0], Level.Atom), notation === LATEX ? of(expr.args[1]) : held(expr.args[1], Level.Atom)), level: Level.Power };
  }
}
