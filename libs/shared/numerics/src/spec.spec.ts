import { listOf, positive, positiveInteger, type Rule } from './checks.ts';
import { InputError } from './errors.ts';
import { hyper, type Hyper, type Schedule } from './hyper.ts';
import { buildFrom, factory, isComplete, registry, registrySchema, specOf, toSpec } from './spec.ts';

const halving = factory<{ from: number }, Schedule>('halving', { from: positive }, ({ from }) => (step) => from / 2 ** step, ['from']);
interface RuleParts { readonly rate: Hyper; readonly size: number }
const sgd = factory<{ rate: Hyper; size?: number }, RuleParts>('sgd', { rate: hyper(positive), size: positiveInteger }, ({ rate, size = 1 }) => ({ rate, size }), ['rate']);
const kind = { kinds: ['rule'] };
const rules: Rule = { ...listOf({ says: 'a rule', accepts: (x) => typeof x === 'object', schema: {}, ...kind }), ...kind, list: true };
const all = factory<{ rules: readonly object[] }, { readonly rules: readonly object[] }>('all', { rules }, ({ rules: inner }) => ({ rules: inner }));
const registries = { rule: registry<object>(sgd, all), schedule: registry<object>(halving) };

describe('factories', () => {
  test('what they make can be written back', () => {
    const made = sgd({ rate: halving({ from: 1 }) });
    expect(specOf(made)).toEqual({ name: 'sgd', rate: { name: 'halving', from: 1 } });
    expect(isComplete(specOf(made))).toBe(true);
  });

  test('a stream or a lambda is marked opaque, and the document is not complete', () => {
    expect(toSpec({ rate: () => 1 })).toEqual({ rate: { opaque: 'function' } });
    expect(isComplete(specOf(sgd({ rate: { subscribe: () => ({ unsubscribe: () => undefined }) } })))).toBe(false);
  });

  test('a required option that is missing is named', () => {
    expect(() => sgd({} as never)).toThrow(new InputError('sgd: rate is required: a number above 0 (or a schedule or a stream of such numbers)'));
  });
});

describe('buildFrom', () => {
  test('makes nested parts and gives the same document back', () => {
    const document = { name: 'all', rules: [{ name: 'sgd', rate: { name: 'halving', from: 4 }, size: 2 }] };
    const made = buildFrom<{ rules: RuleParts[] }>(registries, 'rule', document, 'optimizer');
    expect((made.rules[0].rate as Schedule)(1)).toBe(2);
    expect(specOf(made)).toEqual(document);
  });

  test.each([
    ['sdg', "optimizer: 'sdg' is not a known rule; did you mean 'sgd'? Known: sgd, all"],
    [{ name: 'sgd', rat: 1 }, "optimizer: sgd: 'rat' is not an option; did you mean 'rate'? Known: rate, size"],
    [{ name: 'sgd', rate: -1 }, 'optimizer: sgd: rate must be a number above 0 (or a schedule or a stream of such numbers), received -1'],
    [{ name: 'all', rules: [{ name: 'sgd', rate: { name: 'halving', from: 0 } }] }, 'optimizer.rules[0].rate: halving: from must be a number above 0, received 0'],
    [{ rate: 1 }, "optimizer: expected the name of a known rule, or an object with a 'name', received {\"rate\":1}"],
    [{ opaque: 'function' }, "optimizer: a document cannot hold 'function'; write this rule in code"],
    ['line\nbreak', "optimizer: 'line\\u000abreak' is not a known rule; known: sgd, all"],
    ['constructor', "optimizer: 'constructor' is not a known rule; known: sgd, all"],
  ])('refuses %p with the place and the reason', (document, sentence) => {
    expect(() => buildFrom(registries, 'rule', document, 'optimizer')).toThrow(new InputError(sentence));
  });
});

test('the schema of a registry names each member and its required options', () => {
  expect(registrySchema(registries.schedule)).toEqual({
    anyOf: [{ type: 'object', properties: { name: { const: 'halving' }, from: { type: 'number', exclusiveMinimum: 0 } }, required: ['name', 'from'], additionalProperties: false }],
  });
});
