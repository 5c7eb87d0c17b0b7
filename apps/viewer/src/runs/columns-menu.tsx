import { useRef } from 'react';
import { touch } from '../view/view.store.ts';
import { useWords } from '../words/words.tsx';
import { type Fields, labelOf } from './fields.model.ts';

interface ColumnsMenuProps {
  readonly fields: Fields;
  /** The columns on the screen, and those of them that somebody chose. */
  readonly columns: readonly string[];
  readonly chosen: readonly string[];
}

/** Chooses the columns of the list. */
export function ColumnsMenu({ fields, columns, chosen }: ColumnsMenuProps) {
  const words = useWords();
  const menu = useRef<HTMLDivElement>(null);
  const toggle = (key: string) => touch({ columns: columns.includes(key) ? columns.filter((other) => other !== key) : [...columns, key] });
  const box = (key: string) => (
    <label key={key} title={key}>
      <input type="checkbox" checked={columns.includes(key)} onChange={() => toggle(key)} />
      <span>{labelOf(key)}</span>
    </label>
  );
  return (
    <span className="menu">
      <button type="button" popoverTarget="columns-menu">{words.runs.columnsMenu}</button>
      <div id="columns-menu" ref={menu} popover="auto" className="popover" role="group" aria-label={words.runs.columnsMenu}>
        {fields.hypers.length > 0 && <fieldset><legend>{words.runs.hypers}</legend>{fields.hypers.map(box)}</fieldset>}
        {fields.metrics.length > 0 && <fieldset><legend>{words.runs.metrics}</legend>{fields.metrics.map(box)}</fieldset>}
        <button type="button" className="quiet" disabled={chosen.length === 0} onClick={() => touch({ columns: [] })}>{words.runs.columnsAuto}</button>
      </div>
    </span>
  );
}
