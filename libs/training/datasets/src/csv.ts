import { boolean, either, finite, listOf, oneOf, text, wholeNumber, type OptionTable, type Rule, type TargetValues } from '@gradstream/numerics';
import { infoOf, divisionRules, type About, type Data } from './data.ts';
import { encodedWidth, encodeInputs, encodeTargets, fitEncoding, type TableEncoding, type TableSchema } from './encoding.ts';
import { divide, type DivisionOptions } from './partition.ts';
import { inMemory, view } from './split.ts';
import { parseTable, type TableLayout } from './table.ts';

/** How a table is laid out, what its columns mean, and how its rows are divided. */
export interface CsvOptions extends TableLayout, TableSchema, DivisionOptions {}

const anyText: Rule = { says: 'a text', accepts: (x) => typeof x === 'string', schema: { type: 'string' } };
const names = listOf(text);

/** Rules of `CsvOptions`. */
export const csvRules: OptionTable<CsvOptions> = {
  skipLines: wholeNumber, header: boolean, delimiter: text, columns: names,
  target: either(text, finite), task: oneOf('classes', 'values'), classes: names, numeric: names, categorical: names, ignore: names,
  missing: listOf(anyText), standardize: boolean, standardizeTarget: boolean,
  ...divisionRules,
};

/** Data of a table, with the encoding that was fitted on the rows that train. */
export type TableData<T extends 'classes' | 'values' = 'classes' | 'values'> = Data<T> & { readonly info: { readonly encoding: TableEncoding } };

/** The kind of targets that options ask for. */
export type TaskOf<O extends object> = O extends { readonly task: 'values' } ? 'values' : O extends { readonly task: 'classes' } ? 'classes' : 'task' extends keyof O ? 'classes' | 'values' : 'classes';

/**
 * Data from the text of a CSV or TSV file: rows are divided first, then scales, means and categories are fitted on those that train.
 *
 * @param where begins errors: the file's path
 * @throws InputError with file and line
 */
export function fromCsv<const O extends CsvOptions>(
  content: string | Uint8Array,
  where: string,
  options: O = {} as O,
  { dataset = 'csv', about = `rows of ${where}`, ...rest }: About = {},
): TableData<TaskOf<O>> {
  const table = parseTable(content, where, options);
  const size = table.rows.length;
  const labels = (): TargetValues => encodeTargets(table, fitEncoding(table, options, Array.from({ length: size }, (_, i) => i)));
  const parts = divide(dataset, size, options, labels);
  const encoding = fitEncoding(table, options, parts.train);
  const { target } = encoding;
  const whole = inMemory<'classes' | 'values'>({
    dataset, names: target.kind === 'classes' ? target.classes : [target.column],
    store: { inputShape: [encodedWidth(encoding)], inputs: encodeInputs(table, encoding), targets: encodeTargets(table, encoding) },
  });
  const data: TableData = {
    train: view(whole, parts.train),
    ...(parts.validation.length > 0 ? { validation: view(whole, parts.validation, 'validation') } : {}),
    ...(parts.test.length > 0 ? { test: view(whole, parts.test, 'test') } : {}),
    info: { ...infoOf(whole, { about, ...rest }), encoding },
  };
  return data as TableData<TaskOf<O>>;
}
