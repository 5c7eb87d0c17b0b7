/**
 * Formulas of golden problems, `(1-x)^2 + 100*(y-x^2)^2 with x=params[0], y=params[1]`, evaluated with their gradient by forward
 * differentiation: a value carries its derivatives by every parameter.
 */
interface Dual {
  readonly value: number;
  readonly slopes: readonly number[];
}

type Node = (params: readonly Dual[]) => Dual;

const lift = (value: number): Dual => ({ value, slopes: [] });
const slope = ({ slopes }: Dual, i: number): number => slopes[i] ?? 0;
const combine = (value: number, a: Dual, da: number, b: Dual = lift(0), db = 0): Dual => ({
  value,
  slopes: Array.from({ length: Math.max(a.slopes.length, b.slopes.length) }, (_, i) => da * slope(a, i) + db * slope(b, i)),
});

const FUNCTIONS: Readonly<Record<string, (a: Dual) => Dual>> = {
  sin: (a) => combine(Math.sin(a.value), a, Math.cos(a.value)),
  cos: (a) => combine(Math.cos(a.value), a, -Math.sin(a.value)),
  exp: (a) => combine(Math.exp(a.value), a, Math.exp(a.value)),
  log: (a) => combine(Math.log(a.value), a, 1 / a.value),
  sqrt: (a) => combine(Math.sqrt(a.value), a, 0.5 / Math.sqrt(a.value)),
  tanh: (a) => combine(Math.tanh(a.value), a, 1 - Math.tanh(a.value) ** 2),
  abs: (a) => combine(Math.abs(a.value), a, Math.sign(a.value)),
};
const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

function power(a: Dual, b: Dual): Dual {
  const value = a.value ** b.value;
  const byExponent = b.slopes.some((s) => s !== 0) ? value * Math.log(a.value) : 0;
  return combine(value, a, b.value === 0 ? 0 : b.value * a.value ** (b.value - 1), b, byExponent);
}

/** The value and the gradient of a formula, as a function of its parameters. */
export function formula(text: string): (params: ArrayLike<number>) => { value: number; gradient: number[] } {
  const [body, names = ''] = text.split(/\s+with\s+/);
  const variables = new Map([...names.matchAll(/(\w+)\s*=\s*params\[(\d+)\]/g)].map(([, name, index]) => [name, Number(index)]));
  const node = parse(body, variables);
  return (params) => {
    const duals = Array.from(params, (value, i): Dual => ({ value, slopes: Array.from(params, (_, j) => (i === j ? 1 : 0)) }));
    const result = node(duals);
    return { value: result.value, gradient: duals.map((_, i) => slope(result, i)) };
  };
}

/** sum = product (('+' | '-') product)*; product = unary (('*' | '/') unary)*; unary = '-' unary | power; power = atom ('^' unary)?. */
function parse(text: string, variables: ReadonlyMap<string, number>): Node {
  const tokens = text.match(/\d+\.?\d*(?:e[+-]?\d+)?|\*\*|[a-zA-Z_]\w*|[-+*/^()]/g) ?? [];
  let at = 0;
  const take = (...words: string[]): string | undefined => (words.includes(tokens[at]) ? tokens[at++] : undefined);
  const sum = (): Node => chainOf(product, { '+': (a, b) => combine(a.value + b.value, a, 1, b, 1), '-': (a, b) => combine(a.value - b.value, a, 1, b, -1) });
  const product = (): Node => chainOf(unary, { '*': (a, b) => combine(a.value * b.value, a, b.value, b, a.value), '/': (a, b) => combine(a.value / b.value, a, 1 / b.value, b, -a.value / b.value ** 2) });
  const chainOf = (operand: () => Node, operators: Readonly<Record<string, (a: Dual, b: Dual) => Dual>>): Node => {
    let left = operand();
    for (let word = take(...Object.keys(operators)); word; word = take(...Object.keys(operators))) {
      const [a, b, operator] = [left, operand(), operators[word]];
      left = (params) => operator(a(params), b(params));
    }
    return left;
  };
  const unary = (): Node => {
    if (!take('-')) return raised();
    const inner = unary();
    return (params) => combine(-inner(params).value, inner(params), -1);
  };
  const raised = (): Node => {
    const base = atom();
    if (!take('^', '**')) return base;
    const exponent = unary();
    return (params) => power(base(params), exponent(params));
  };
  const atom = (): Node => {
    const word = tokens[at++];
    if (word === '(') {
      const inner = sum();
      if (!take(')')) throw new Error(`formula: ')' is missing in '${text}'`);
      return inner;
    }
    if (/^\d/.test(word ?? '')) return () => lift(Number(word));
    const index = variables.get(word);
    if (index !== undefined) return (params) => params[index];
    if (Object.hasOwn(CONSTANTS, word ?? '')) return () => lift(CONSTANTS[word]);
    if (Object.hasOwn(FUNCTIONS, word ?? '') && take('(')) {
      const inner = sum();
      if (!take(')')) throw new Error(`formula: ')' is missing in '${text}'`);
      return (params) => FUNCTIONS[word](inner(params));
    }
    throw new Error(`formula: cannot read '${word ?? 'the end'}' in '${text}'`);
  };
  const node = sum();
  if (at < tokens.length) throw new Error(`formula: cannot read '${tokens[at]}' in '${text}'`);
  return node;
}
