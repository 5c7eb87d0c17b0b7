import { fromCsv } from './csv.ts';
import { encodedNames, encodeInputs, parseRows } from './encoding.ts';
import { parseTable } from './table.ts';

const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('parseTable', () => {
  it('reads quotes, CRLF, a byte order mark and empty lines', () => {
    const { columns, rows, lines } = parseTable('\uFEFFa,b\r\n"1,5","say ""hi"""\r\n\r\n2,"two\r\nlines"\r\n', 'f');
    expect(columns).toEqual(['a', 'b']);
    expect(rows).toEqual([['1,5', 'say "hi"'], ['2', 'two\nlines']]);
    expect(lines).toEqual([2, 5]);
  });

  it('skips lines, and counts them', () => {
    expect(parseTable('150,4,setosa\n1,2\n3,4', 'f', { skipLines: 1, header: false })).toMatchObject({ columns: ['c0', 'c1'], lines: [2, 3] });
  });

  it('reads tabs and runs of blanks', () => {
    expect(parseTable('a\tb\n1\t2', 'f', { delimiter: '\t' }).rows).toEqual([['1', '2']]);
    expect(parseTable('59 2  32.1\n 48 1 21.6 \n', 'f', { delimiter: ' ', header: false }).rows).toEqual([['59', '2', '32.1'], ['48', '1', '21.6']]);
  });

  it.each([
    ['a,b\n1,2\n3\n', {}, 'f, line 3: expected 2 columns, received 1'],
    ['a,b\n1,2\n3,4,5\n', {}, 'f, line 3: expected 2 columns, received 3'],
    ['x\na,b\n1,2\n\n3,4,5\n', { skipLines: 1 }, 'f, line 5: expected 2 columns, received 3'],
    ['1,2\n', { header: false, columns: ['a', 'b', 'c'] }, 'f, line 1: expected 3 columns, received 2'],
    ['a,b\n1,"2\n3,4\n', {}, 'f, line 3: the text ends inside of a quoted cell'],
    ['a,b\n1,x"2"\n', {}, 'f, line 2: a quote stands in the middle of a cell'],
    ['a,b\n', {}, 'f: holds no rows'],
    ['', {}, 'f: holds no rows'],
    ['a,a\n1,2\n', {}, "f: two columns are named 'a'"],
    [Uint8Array.of(0x61, 0xff, 0xfe), {}, 'f: is no UTF-8 text'],
  ])('refuses %j with file and line', (content, layout, message) => {
    expect(() => parseTable(content, 'f', layout)).toThrow(message);
  });
});

describe('fromCsv', () => {
  const houses = 'rooms,near,price\n1,sea,10\n3,hill,30\n,sea,20\n5,NA,40\n';

  it('scales numbers by the rows that train, makes an input of each category, and fills in what is missing', () => {
    const { train, info } = fromCsv(houses, 'f', { target: 'price', task: 'values', seed: 1 });
    const rows = train.gather(all(4));
    const byPrice = new Map(all(4).map((i) => [Math.round(rows.targets.values[i] * 100), [...rows.inputs.subarray(i * 3, i * 3 + 3)]]));
    const sd = Math.sqrt(8 / 3);
    const price = (p: number): number => Math.round(((p - 25) / Math.sqrt(125)) * 100);
    expect(byPrice.get(price(10))).toEqual([Math.fround(-2 / sd), 0, 1]);
    expect(byPrice.get(price(30))).toEqual([0, 1, 0]);
    expect(byPrice.get(price(20))).toEqual([0, 0, 1]);
    expect(byPrice.get(price(40))).toEqual([Math.fround(2 / sd), 0, 0]);
    expect(encodedNames(info.encoding)).toEqual(['rooms', 'near=hill', 'near=sea']);
    expect(info.encoding.target).toMatchObject({ kind: 'values', offset: 25, scale: Math.sqrt(125) });
  });

  it('never looks at held-out rows to fit', () => {
    const row = (x: number): string => `${x},${x % 2}`;
    const text = `x,y\n${all(40).map(row).join('\n')}`;
    const options = { validation: 10, test: 10, seed: 4 } as const;
    const before = fromCsv(text, 'f', options);
    const kept = before.train.gather(all(20));
    const encoded = before.info.encoding.columns[0];
    const trained = new Set([...kept.inputs].map((z) => Math.round(z * (encoded.kind === 'numeric' ? encoded.scale : 1) + (encoded.kind === 'numeric' ? encoded.offset : 0))));
    expect(trained.size).toBe(20);
    const spoiled = `x,y\n${all(40).map((x) => (trained.has(x) ? row(x) : `${x + 1e6},${x % 2}`)).join('\n')}`;
    const after = fromCsv(spoiled, 'f', options);
    expect(after.info.encoding).toEqual(before.info.encoding);
    expect(after.train.gather(all(20))).toEqual(kept);
  });

  it('encodes new rows as it encoded the old, without their target', () => {
    const { info } = fromCsv(houses, 'f', { target: 'price', task: 'values' });
    expect([...encodeInputs(parseTable('near,rooms\nlake,3\n', 'g'), info.encoding)]).toEqual([0, 0, 0]);
  });

  it.each([['5,x\n7,y\n', 'with its target'], ['5\n7\n', 'without it']])('reads rows to predict from as it read the others: %j, %s', (content) => {
    const { info } = fromCsv('skip me\n1,x\n2,y\n', 'f', { skipLines: 1, header: false, standardize: false });
    expect(info.encoding.layout).toEqual({ skipLines: 1, header: false, delimiter: ',', columns: ['c0', 'c1'] });
    expect([...encodeInputs(parseRows(`skip me\n${content}`, 'g', info.encoding), info.encoding)]).toEqual([5, 7]);
    expect(() => parseRows('skip me\n1,2,3\n', 'g', info.encoding)).toThrow('g, line 2: expected 2 columns, received 3');
  });

  it('sorts classes by number or by name, and takes names given for positions', () => {
    expect(fromCsv('x,y\n1,10\n2,9\n3,9', 'f').info.targets.names).toEqual(['9', '10']);
    expect(fromCsv('x,y\n1,b\n2,a', 'f').info.targets.names).toEqual(['a', 'b']);
    const named = fromCsv('x,y\n1,1\n2,0', 'f', { classes: ['no', 'yes'], standardize: false });
    const { inputs, targets } = named.train.gather([0, 1]);
    expect(targets.values[inputs.indexOf(1)]).toBe(1);
    expect(named.info.targets.names).toEqual(['no', 'yes']);
  });

  it.each([
    [houses, { target: 'prize' }, "f: 'prize' is not a known column; did you mean 'price'? Known: rooms, near, price"],
    [houses, { target: 7 }, 'f: target 7 is not one of the 3 columns'],
    [houses, { target: 'price', numeric: ['near'] }, "f, line 2: column 'near' must hold a number, received 'sea'"],
    [houses, { target: 'near', task: 'values' as const }, "f, line 2: column 'near' must hold a number, received 'sea'"],
    ['x,y\n1,cat\n2,dog\n3,cow', { classes: ['cat', 'dog'] }, "f, line 4: 'cow' is outside the 2 classes of 'y' (cat, dog)"],
    ['x,y\n1,2\n2,0\n3,1', { classes: ['cat', 'dog'] }, "f, line 2: '2' is outside the 2 classes of 'y' (cat, dog)"],
    ['x,y\n1,2\n2,\n3,1', {}, "f, line 3: '' is outside the 2 classes of 'y' (1, 2)"],
    ['y\n1\n2', {}, "f: no column is left to predict 'y' from"],
    [`x,y\n${all(100).map((i) => `${i},${i / 7}`).join('\n')}`, {}, "f: target 'y' has 100 different values in 100 rows, which are no classes; for a regression say task: values"],
    ['x,y\n1,2\n3,4', { validation: 2 }, 'csv: 2 examples are too few to train on at least one, validate on 2 and test on 0'],
  ])('refuses %#', (content, options, message) => {
    expect(() => fromCsv(content, 'f', options)).toThrow(message);
  });
});
