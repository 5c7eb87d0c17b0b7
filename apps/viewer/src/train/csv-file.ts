import { parseTable } from '@gradstream/datasets';

/** A CSV file that somebody gave to the page. */
export interface CsvFile {
  readonly name: string;
  readonly text: string;
  readonly columns: readonly string[];
  readonly rows: number;
}

/** Bytes beyond which a file is refused: the page would stand still while it is read. */
const mostBytes = 50 * 2 ** 20;

/** Reads a file and its header. @throws InputError with file and line */
export async function readCsvFile(file: File): Promise<CsvFile> {
  if (file.size > mostBytes) throw new Error(`${file.name}: the file must be at most 50 MB, received ${Math.round(file.size / 2 ** 20)} MB`);
  const text = await file.text();
  const { columns, rows } = parseTable(text, file.name, {});
  return { name: file.name, text, columns, rows: rows.length };
}
