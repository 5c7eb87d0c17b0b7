import { formatValue, rowsToCsv, SaveMenu } from '@gradstream/charts';
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';
import { useWords } from '../words/words.tsx';

/** What a figure shows, as a table: the first column names its row. */
export interface LabTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface LabFigureProps {
  readonly title: string;
  /** The figure in a sentence or two; stands beneath it as well. */
  readonly said: string;
  readonly table: LabTable;
  /** What the keys do, for those who do not see it. */
  readonly keys?: string;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  /** Whether what is drawn is older than what is asked. */
  readonly busy?: boolean;
  readonly className?: string;
  readonly actions?: ReactNode;
  /** One `svg`, or canvases. */
  readonly children: ReactNode;
}

/** A picture of a lab that everybody can read: a focusable figure with a summary in words, a table, and files. */
export function LabFigure({ title, said, table, keys, onKeyDown, busy = false, className = '', actions, children }: LabFigureProps) {
  const words = useWords();
  const id = useId();
  const body = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const picture = () => body.current!.querySelector('svg');
  const files = {
    csv: () => rowsToCsv([table.head, ...table.rows]),
    json: () => JSON.stringify(table.rows.map((row) => Object.fromEntries(row.map((cell, i) => [table.head[i], typeof cell === 'string' || Number.isFinite(cell) ? cell : String(cell)])))),
    svg: () => svgOf(picture(), body.current!, title),
    png: () => pngOf(picture(), body.current!, title),
  };
  return (
    <figure className={`card gs-figure lab-figure ${className}`} tabIndex={0} aria-labelledby={`${id}-title`} aria-describedby={`${id}-said${keys ? ` ${id}-keys` : ''}`} aria-busy={busy} data-figure={title} onKeyDown={onKeyDown}>
      <figcaption className="gs-caption">
        <span className="gs-title" id={`${id}-title`}>{title}</span>
        <span className="gs-actions lab-actions">
          {actions}
          <button type="button" className="gs-quiet" aria-expanded={open} aria-label={words.charts.tableOf(title)} onClick={() => setOpen(!open)}>{words.charts.table}</button>
          <SaveMenu title={title} words={words.charts} files={files} />
        </span>
      </figcaption>
      <div className="lab-body" ref={body}>{children}</div>
      <p className="note" id={`${id}-said`}>{said}</p>
      {keys && <p className="gs-unseen" id={`${id}-keys`}>{keys}</p>}
      {open && (
        <div className="gs-table" tabIndex={0} role="region" aria-label={words.charts.tableOf(title)}>
          <table>
            <thead><tr>{table.head.map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
            <tbody>{table.rows.map(([first, ...cells], r) => <tr key={r}><th scope="row">{shown(first)}</th>{cells.map((cell, c) => <td key={c}>{shown(cell)}</td>)}</tr>)}</tbody>
          </table>
        </div>
      )}
    </figure>
  );
}

const shown = (cell: string | number): string => (typeof cell === 'number' ? formatValue(cell) : cell);

/** The picture as an SVG document that stands alone. Canvases go into it side by side, as they lie on the page. */
function svgOf(svg: SVGSVGElement | null, body: HTMLElement, title: string): string {
  const copy = svg ? (svg.cloneNode(true) as SVGSVGElement) : document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const ground = getComputedStyle(body.closest('.card')!).backgroundColor;
  const box = body.getBoundingClientRect();
  const [width, height] = svg ? [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height] : [Math.round(box.width), Math.round(box.height)];
  for (const canvas of svg ? [] : body.querySelectorAll('canvas')) {
    const at = canvas.getBoundingClientRect();
    const image = document.createElementNS('http://www.w3.org/2000/svg', 'image');
    for (const [name, value] of Object.entries({ x: at.left - box.left, y: at.top - box.top, width: at.width, height: at.height })) image.setAttribute(name, value.toFixed(1));
    image.setAttribute('href', canvas.toDataURL());
    copy.append(image);
  }
  for (const element of [copy, ...copy.querySelectorAll('*')]) for (const { name } of [...element.attributes]) if (/^(aria-|role$|tabindex$|class$|data-)/.test(name)) element.removeAttribute(name);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('font-family', 'system-ui, sans-serif');
  const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill: ground })) rect.setAttribute(name, value);
  const named = document.createElementNS('http://www.w3.org/2000/svg', 'title');
  named.textContent = title;
  copy.prepend(named, rect);
  return new XMLSerializer().serializeToString(copy);
}

/** The same, rasterised at twice its size. */
async function pngOf(svg: SVGSVGElement | null, body: HTMLElement, title: string): Promise<Blob> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svgOf(svg, body, title)], { type: 'image/svg+xml' }));
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.naturalWidth * 2, image.naturalHeight * 2];
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob!)));
}
