import { InputError, shown, unknownName, type TargetValues } from '@gradstream/numerics';
import { parseTable, type Table, type TableLayout } from './table.ts';

/** What the columns of a table mean. */
export interface TableSchema {
  /** The column to predict: its name, or its position (negative: from the end). Default the last one. */
  readonly target?: string | number;
  /** `classes` or `values`. Default `classes`. */
  readonly task?: 'classes' | 'values';
  /** Names of the classes in order; a cell holds a name or its position. Default: the distinct cells, sorted. */
  readonly classes?: readonly string[];
  /** Columns of numbers. Default: those whose cells all read as numbers. */
  readonly numeric?: readonly string[];
  /** Columns of categories, one input for each value. Default: the other ones. */
  readonly categorical?: readonly string[];
  /** Columns to leave out. */
  readonly ignore?: readonly string[];
  /** Cells that mean "no value": a number's mean, no category at all. Default empty, `NA`, `NaN`, `nan`, `null`, `?`. */
  readonly missing?: readonly string[];
  /** Scales numeric inputs to mean 0 and variance 1 by the rows that train. Default true. */
  readonly standardize?: boolean;
  /** The same for the target of a regression. Default true; `encoding.target` turns predictions back. */
  readonly standardizeTarget?: boolean;
}

/** How one column becomes inputs. */
export type ColumnEncoding =
  | { readonly column: string; readonly kind: 'numeric'; readonly mean: number; readonly scale: number; readonly offset: number }
  | { readonly column: string; readonly kind: 'categorical'; readonly values: readonly string[] };

/** How the target column becomes targets; a prediction p of a `values` target means p·scale + offset. */
export type TargetEncoding =
  | { readonly column: string; readonly kind: 'classes'; readonly classes: readonly string[] }
  | { readonly column: string; readonly kind: 'values'; readonly scale: number; readonly offset: number };

/** A schema fitted on the rows that train: plain JSON, enough to encode other rows the same way. */
export interface TableEncoding {
  readonly columns: readonly ColumnEncoding[];
  readonly target: TargetEncoding;
  readonly missing: readonly string[];
  /** How the file was laid out. */
  readonly layout: TableLayout;
}

const MISSING = ['', 'NA', 'NaN', 'nan', 'null', '?'];
const MOST = 1_000;

/**
 * Fits a schema: scales, means and categories come from the rows `trained` on alone, so that held-out rows stay unseen.
 *
 * @throws InputError for unknown columns, cells that are no numbers (file, line, column), a target that is no class
 */
export function fitEncoding(table: Table, schema: TableSchema, trained: ArrayLike<number>): TableEncoding {
  const rows = Uint32Array.from(trained).sort();
  const { standardize = true, missing = MISSING, ignore = [] } = schema;
  const target = targetColumn(table, schema);
  for (const name of [...(schema.numeric ?? []), ...(schema.categorical ?? []), ...ignore]) columnOf(table, name);
  const columns = table.columns.flatMap((column, c): ColumnEncoding[] => {
    if (c === target || ignore.includes(column)) return [];
    const numeric = schema.numeric?.includes(column) ?? (!schema.categorical?.includes(column) && table.rows.every((row) => missing.includes(row[c].trim()) || isNumber(row[c])));
    return [numeric ? fitNumeric(table, column, c, rows, missing, standardize) : fitCategorical(table, column, c, rows, missing)];
  });
  if (columns.length === 0) throw new InputError(`${table.where}: no column is left to predict '${table.columns[target]}' from`);
  return { columns, target: fitTarget(table, target, schema, rows, missing), missing, layout: table.layout };
}

function fitNumeric(table: Table, column: string, c: number, rows: ArrayLike<number>, missing: readonly string[], standardize: boolean): ColumnEncoding {
  const known = Array.from(rows).filter((r) => !missing.includes(table.rows[r][c].trim())).map((r) => numberAt(table, r, c));
  const { mean, deviation } = moments(known);
  return { column, kind: 'numeric', mean, offset: standardize ? mean : 0, scale: standardize ? deviation || 1 : 1 };
}

function fitCategorical(table: Table, column: string, c: number, rows: ArrayLike<number>, missing: readonly string[]): ColumnEncoding {
  const values = [...new Set(Array.from(rows, (r) => table.rows[r][c].trim()))].filter((cell) => !missing.includes(cell)).sort();
  if (values.length > MOST) throw new InputError(`${table.where}: column '${column}' has ${values.length} different values, too many for categories; ignore it or list it as numeric`);
  return { column, kind: 'categorical', values };
}

function fitTarget(table: Table, c: number, { task = 'classes', classes, standardizeTarget = true }: TableSchema, rows: ArrayLike<number>, missing: readonly string[]): TargetEncoding {
  const column = table.columns[c];
  if (task === 'values') {
    const { mean, deviation } = moments(Array.from(rows, (r) => numberAt(table, r, c)));
    return { column, kind: 'values', offset: standardizeTarget ? mean : 0, scale: standardizeTarget ? deviation || 1 : 1 };
  }
  if (classes) return { column, kind: 'classes', classes };
  const found = [...new Set(table.rows.map((row) => row[c].trim()))].filter((cell) => !missing.includes(cell));
  if (found.length > MOST || (found.length > 20 && found.length > table.rows.length / 4)) {
    throw new InputError(`${table.where}: target '${column}' has ${found.length} different values in ${table.rows.length} rows, which are no classes; for a regression say task: values`);
  }
  return { column, kind: 'classes', classes: found.every(isNumber) ? found.sort((a, b) => Number(a) - Number(b)) : found.sort() };
}

/** Number of inputs an encoding makes of a row. */
export const encodedWidth = ({ columns }: TableEncoding): number => columns.reduce((n, column) => n + (column.kind === 'numeric' ? 1 : column.values.length), 0);

/** What each input is: `median_income`, `ocean_proximity=INLAND`. */
export const encodedNames = ({ columns }: TableEncoding): readonly string[] =>
  columns.flatMap((column) => (column.kind === 'numeric' ? [column.column] : column.values.map((value) => `${column.column}=${value}`)));

/**
 * Reads rows to predict from: a file laid out as the one before, with its target column or without it.
 *
 * @throws InputError with file and line
 */
export function parseRows(content: string | Uint8Array, where: string, { layout, target }: TableEncoding): Table {
  const { columns, ...unnamed } = layout;
  if (!columns) return parseTable(content, where, layout);
  const lacksTarget = parseTable(content, where, unnamed).columns.length === columns.length - 1;
  return parseTable(content, where, { ...layout, columns: lacksTarget ? columns.filter((name) => name !== target.column) : columns });
}

/**
 * Inputs [rows, encodedWidth] of a table.
 *
 * @throws InputError with file, line and column for a cell that is no number
 */
export function encodeInputs(table: Table, { columns, missing }: TableEncoding): Float32Array {
  const width = encodedWidth({ columns } as TableEncoding);
  const inputs = new Float32Array(table.rows.length * width);
  let at = 0;
  for (const encoding of columns) {
    const c = columnOf(table, encoding.column);
    table.rows.forEach((row, r) => {
      const cell = row[c].trim();
      if (encoding.kind === 'numeric') inputs[r * width + at] = ((missing.includes(cell) ? encoding.mean : numberAt(table, r, c)) - encoding.offset) / encoding.scale;
      else if (encoding.values.includes(cell)) inputs[r * width + at + encoding.values.indexOf(cell)] = 1;
    });
    at += encoding.kind === 'numeric' ? 1 : encoding.values.length;
  }
  return inputs;
}

/**
 * Targets of a table.
 *
 * @throws InputError with file and line for a cell that is no class, or no number
 */
export function encodeTargets(table: Table, { target }: TableEncoding): TargetValues<'classes'> | TargetValues<'values'> {
  const c = columnOf(table, target.column);
  const count = table.rows.length;
  if (target.kind === 'values') {
    return { kind: 'values', width: 1, shape: [count, 1], values: Float32Array.from(table.rows, (_, r) => (numberAt(table, r, c) - target.offset) / target.scale) };
  }
  const { classes } = target;
  const values = Int32Array.from(table.rows, (row, r) => {
    const cell = row[c].trim();
    const byName = classes.indexOf(cell);
    const byPosition = isNumber(cell) ? Number(cell) : -1;
    const found = byName >= 0 ? byName : Number.isInteger(byPosition) ? byPosition : -1;
    if (found < 0 || found >= classes.length) throw new InputError(`${table.where}, line ${table.lines[r]}: ${shown(cell)} is outside the ${classes.length} classes of '${target.column}' (${classes.slice(0, 10).join(', ')}${classes.length > 10 ? ' …' : ''})`);
    return found;
  });
  return { kind: 'classes', width: classes.length, shape: [count], values };
}

function targetColumn(table: Table, { target = -1 }: TableSchema): number {
  if (typeof target === 'string') return columnOf(table, target);
  const c = target < 0 ? table.columns.length + target : target;
  if (!(Number.isInteger(c) && c >= 0 && c < table.columns.length)) throw new InputError(`${table.where}: target ${target} is not one of the ${table.columns.length} columns`);
  return c;
}

function columnOf(table: Table, name: string): number {
  const c = table.columns.indexOf(name);
  if (c < 0) throw new InputError(`${table.where}: ${unknownName('column', name, table.columns)}`);
  return c;
}

const isNumber = (cell: string): boolean => cell.trim() !== '' && Number.isFinite(Number(cell));

function numberAt(table: Table, row: number, c: number): number {
  const cell = table.rows[row][c];
  if (!isNumber(cell)) throw new InputError(`${table.where}, line ${table.lines[row]}: column '${table.columns[c]}' must hold a number, received ${shown(cell)}`);
  return Number(cell);
}

function moments(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const n = Math.max(1, values.length);
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n) };
}
