import { InputError, shown } from '@gradstream/numerics';
import { parse, type CsvError, type Info } from 'csv-parse/browser/esm/sync';

/** How the text of a table is laid out. */
export interface TableLayout {
  /** Lines before the header or the first row. Default 0. */
  readonly skipLines?: number;
  /** Whether the first line names the columns. Default true. */
  readonly header?: boolean;
  /** What stands between two cells. Default `,`; a blank means any run of blanks. */
  readonly delimiter?: string;
  /** Names of the columns, where no header gives them. Default `c0`, `c1` … */
  readonly columns?: readonly string[];
}

/** The cells of a table as text. */
export interface Table {
  /** Begins errors: the file's path. */
  readonly where: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The line on which each row ends, counted from 1. */
  readonly lines: readonly number[];
  /** How it was laid out, its columns named where no header names them: other files like it are read the same way. */
  readonly layout: TableLayout;
}

/** Bytes beyond which one row is taken for an unclosed quote. */
const LONGEST_ROW = 1 << 20;

/**
 * Reads CSV, TSV and their kin (RFC 4180 quotes, CRLF, a byte order mark).
 *
 * @throws InputError with file and line: a ragged row, an unclosed quote, no rows, a column named twice
 */
export function parseTable(text: string | Uint8Array, where: string, { skipLines = 0, header = true, delimiter = ',', columns }: TableLayout = {}): Table {
  const records = readRecords(typeof text === 'string' ? text : decode(text, where), where, skipLines, delimiter);
  const names = header ? records.shift()?.record.map((name) => name.trim()) : columns;
  if (records.length === 0) throw new InputError(`${where}: holds no rows`);
  const width = records[0].record.length;
  const named = columns ?? names ?? Array.from({ length: width }, (_, i) => `c${i}`);
  const twice = named.find((name, i) => named.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError(`${where}: two columns are named ${shown(twice)}`);
  for (const { record, info } of records) {
    if (record.length !== named.length) throw new InputError(`${where}, line ${info.lines}: expected ${named.length} columns, received ${record.length}`);
  }
  return { where, columns: named, rows: records.map(({ record }) => record), lines: records.map(({ info }) => info.lines), layout: { skipLines, header, delimiter, ...(header ? {} : { columns: named }) } };
}

function readRecords(text: string, where: string, skipLines: number, delimiter: string): { readonly record: string[]; readonly info: Info }[] {
  const lines = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
  try {
    return parse(delimiter === ' ' ? lines.replaceAll(/ +/g, ' ').replaceAll(/^ | $/gm, '') : lines, {
      bom: true, info: true, from_line: skipLines + 1, delimiter, relax_column_count: true,
      skip_empty_lines: true, max_record_size: LONGEST_ROW,
    }) as unknown as { record: string[]; info: Info }[];
  } catch (error) {
    const { code, message, lines: line } = error as CsvError & { readonly lines?: number };
    if (!code) throw error;
    throw new InputError(`${where}, line ${line}: ${sentence(code, message)}`);
  }
}

const sentence = (code: string, message: string): string => {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'the text ends inside of a quoted cell';
  if (code === 'CSV_MAX_RECORD_SIZE') return `a row is longer than ${LONGEST_ROW} characters; is a quote left open?`;
  if (code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE') return 'a quote stands in the middle of a cell';
  return message.replace(/^Invalid [A-Za-z ]+: /, '');
};

function decode(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${where}: is no UTF-8 text`);
  }
}
