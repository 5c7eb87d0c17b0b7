import { lineStyle, paletteOf } from '@gradstream/charts';
import { type CSSProperties, useMemo, useState } from 'react';
import { useWords } from '../words/words.tsx';
import { differences, specLines } from './spec.model.ts';
import type { WatchedRun } from './watch.store.ts';

/** A document, or a part of one, line by line. */
export function SpecLines({ spec }: { readonly spec: unknown }) {
  const lines = useMemo(() => specLines(spec), [spec]);
  return (
    <div className="spec">
      {lines.map(({ depth, key, value, kind }, i) => (
        <div key={i} style={{ '--depth': depth } as CSSProperties}><span className="key">{key}{key !== '–' && ':'}</span> <span className={kind}>{value}</span></div>
      ))}
    </div>
  );
}

/** The document of a run. */
export function SpecPanel({ spec }: { readonly spec: unknown }) {
  const words = useWords();
  const lines = useMemo(() => specLines(spec), [spec]);
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(JSON.stringify(spec, null, 2)).then(() => setCopied(true));
  return (
    <aside className="card" aria-label={words.run.spec}>
      <div className="head">
        <h2>{words.run.spec}</h2>
        <span className="spring" />
        {lines.length > 0 && <button type="button" className="quiet" onClick={copy}>{copied ? words.shell.copied : words.run.copySpec}</button>}
      </div>
      {lines.length === 0 ? <p>{words.run.noSpec}</p> : (<SpecLines spec={spec} />)}
    </aside>
  );
}

/** Only what differs between the documents of some runs. */
export function DifferencesPanel({ runs }: { readonly runs: readonly WatchedRun[] }) {
  const words = useWords();
  const specs = runs.map(({ detail }) => detail?.spec);
  const rows = useMemo(() => differences(specs), specs);
  const palette = paletteOf(document.documentElement);
  return (
    <aside className="card" aria-label={words.run.differences}>
      <div className="head"><h2>{words.run.differences}</h2></div>
      {rows.length === 0 ? <p>{words.run.noDifferences}</p> : (
        <table className="differences">
          <thead><tr><th scope="col">{words.run.value}</th>{runs.map(({ id, detail }, i) => <th key={id} scope="col"><span className="swatch" style={{ display: 'inline-block', background: lineStyle(palette, i).color, verticalAlign: 'middle' }} /> {detail?.name ?? id}</th>)}</tr></thead>
          <tbody>{rows.map(({ path, values }) => <tr key={path}><th scope="row">{path}</th>{values.map((value, i) => <td key={runs[i].id} className={value === undefined ? 'absent' : undefined}>{value ?? words.run.absent}</td>)}</tr>)}</tbody>
        </table>
      )}
    </aside>
  );
}
