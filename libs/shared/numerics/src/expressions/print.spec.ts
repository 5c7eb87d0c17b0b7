import { abs, add, div, element, eq, ge, gt, mod, mul, neg, pow, sign, sqrt, square, sub, sum, uniform, where } from './nodes.ts';
import { toLatex, toText } from './print.ts';

const [g, m, p] = ['g', 'm', 'p'].map(element);
const [b1, t, eps, learningRate] = ['b1', 't', 'eps', 'learningRate'].map(uniform);

describe('printing', () => {
  const next = add(mul(b1, m), mul(sub(1, b1), g));

  it.each([
    ['an average', next, 'b1 · m + (1 − b1) · g', '\\beta_{1} \\, m + \\left(1 - \\beta_{1}\\right) \\, g'],
    ['a quotient', div(div(m, sub(1, pow(b1, t))), add(sqrt(g), eps)), 'm / (1 − b1^t) / (√(g) + eps)', '\\frac{\\frac{m}{1 - \\beta_{1}^{t}}}{\\sqrt{g} + \\varepsilon}'],
    ['a quotient by a product', div(g, mul(m, p)), 'g / (m · p)', '\\frac{g}{m \\, \\theta}'],
    ['differences from the right', sub(g, sub(m, p)), 'g − (m − p)', 'g - \\left(m - \\theta\\right)'],
    ['a negated sum', mul(neg(learningRate), neg(add(g, 1e-8))), '−learningRate · −(g + 1e−8)', '-\\alpha \\, -\\left(g + 10^{-8}\\right)'],
    ['a choice', where(gt(t, 5), g, where(eq(mod(t, 5), 0), m, 0)), 't > 5 ? g : mod(t, 5) = 0 ? m : 0', '\\begin{cases} g & t > 5 \\\\ \\begin{cases} m & \\operatorname{mod}\\left(t, 5\\right) = 0 \\\\ 0 & \\text{otherwise} \\end{cases} & \\text{otherwise} \\end{cases}'],
    ['a norm', sqrt(sum(square(g), 'all')), '√(Σ over all tensors(g^2))', '\\sqrt{\\sum_{\\text{all tensors}} g^{2}}'],
    ['a sign and a size', where(ge(abs(g), 1), sign(g), square(add(g, m))), '|g| ≥ 1 ? sign(g) : (g + m)^2', '\\begin{cases} \\operatorname{sign}\\left(g\\right) & \\left|g\\right| \\ge 1 \\\\ \\left(g + m\\right)^{2} & \\text{otherwise} \\end{cases}'],
  ])('writes %s', (_, expr, text, latex) => {
    expect([toText(expr), toLatex(expr)]).toEqual([text, latex]);
  });

  it('writes nodes that have a name by their name', () => {
    expect(toText(div(next, eps), new Map([[next, 'm']]))).toBe('m / eps');
  });
});
