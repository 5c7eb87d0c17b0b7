import { useMemo } from 'react';
import { fieldsOf, labelOf } from '../runs/fields.model.ts';
import type { View } from '../view/view.model.ts';
import { touch } from '../view/view.store.ts';
import { useWords } from '../words/words.tsx';
import type { WatchedRun } from './watch.store.ts';

/** Takes the runs of the page together by a hyper-parameter or a tag. */
export function GroupSelect({ runs, view }: { readonly runs: readonly WatchedRun[]; readonly view: View }) {
  const words = useWords();
  const groups = useMemo(() => fieldsOf(runs.flatMap(({ detail }) => (detail ? [detail] : []))).groups, runs.map(({ detail }) => detail));
  return (
    <label className="field">
      {words.runs.group}
      <select value={view.group} onChange={(event) => touch({ group: event.target.value })}>
        <option value="">{words.runs.ungrouped}</option>
        {[...new Set([...groups, 'project', 'state', ...(view.group ? [view.group] : [])])].map((key) => <option key={key} value={key}>{key === 'project' || key === 'state' ? words.runs.columns[key] : labelOf(key)}</option>)}
      </select>
    </label>
  );
}
