import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { toJsonNumber } from '@gradstream/protocol';

/** A column of a table: what its cells are. A cell that is not there is null. */
export interface TableColumn {
  readonly name: string;
  readonly kind: 'text' | 'whole' | 'number';
}
export type Cell = string | number | null;

/** Some rows of a table, column by column. */
export type Rows = readonly (readonly Cell[])[];

/** Writes a table piece by piece. */
export interface TableWriter {
  readonly mediaType: string;
  begin(): string | Uint8Array;
  rows(rows: Rows): string | Uint8Array;
  end(): string | Uint8Array;
}

export const tableFormats = ['csv', 'ndjson', 'parquet'] as const;
export type TableFormat = (typeof tableFormats)[number];

const writers: Readonly<Record<TableFormat, (columns: readonly TableColumn[]) => TableWriter>> = {
  csv: (columns) => ({
    mediaType: 'text/csv; charset=utf-8',
    begin: () => `${columns.map(({ name }) => csvText(name)).join(',')}\n`,
    rows: (rows) => lines(rows, (cells) => `${cells.map(csvCell).join(',')}\n`),
    end: () => '',
  }),
  ndjson: (columns) => ({
    mediaType: 'application/x-ndjson; charset=utf-8',
    begin: () => '',
    rows: (rows) => lines(rows, (cells) => `${JSON.stringify(Object.fromEntries(cells.flatMap((cell, c) => (cell === null ? [] : [[columns[c].name, typeof cell === 'number' ? toJsonNumber(cell) : cell]]))))}\n`),
    end: () => '',
  }),
  parquet: parquetWriter,
};

/** A writer of a table with these columns. */
export const tableWriter = (format: TableFormat, columns: readonly TableColumn[]): TableWriter => writers[format](columns);

function lines(rows: Rows, line: (cells: readonly Cell[]) => string): string {
  let text = '';
  for (let i = 0; i < (rows[0]?.length ?? 0); i += 1) text += line(rows.map((column) => column[i]));
  return text;
}

const csvCell = (cell: Cell): string => (cell === null ? '' : typeof cell === 'number' ? String(cell) : csvText(cell));

/** A text in CSV: quoted where it must be, and never a formula to a spreadsheet. */
function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Apache Parquet: each piece is a row group, compressed by Snappy; whole numbers are INT64, numbers DOUBLE. */
function parquetWriter(columns: readonly TableColumn[]): TableWriter {
  const bytes = new ByteWriter();
  const element = ({ name, kind }: TableColumn): SchemaElement =>
    kind === 'text' ? { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' } : { name, type: kind === 'whole' ? 'INT64' : 'DOUBLE', repetition_type: 'OPTIONAL' };
  const writer = new ParquetWriter({ writer: bytes, schema: [{ name: 'root', num_children: columns.length }, ...columns.map(element)], createdBy: 'gradstream' });
  /** What was written since the last time; its writer counts on from there. */
  const taken = (): Uint8Array => {
    const piece = new Uint8Array(bytes.getBuffer());
    bytes.index = 0;
    return piece;
  };
  return {
    mediaType: 'application/vnd.apache.parquet',
    begin: taken,
    rows: (rows) => {
      const columnData = columns.map(({ name, kind }, c) => ({ name, data: kind === 'whole' ? rows[c].map((cell) => (cell === null ? null : BigInt(cell))) : [...rows[c]] }));
      if (columnData[0].data.length > 0) void writer.write({ columnData });
      return taken();
    },
    end: () => {
      void writer.finish();
      return taken();
    },
  };
}
