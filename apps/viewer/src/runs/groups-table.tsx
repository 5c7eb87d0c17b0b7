import { formatValue } from '@gradstream/charts';
import type { RunInfo } from '@gradstream/protocol';
import { useMemo } from 'react';
import { groupsOf, spreadOfValues } from '../run/group.model.ts';
import { Link } from '../shell/link.tsx';
import { goTo, type View } from '../view/view.model.ts';
import { useWords } from '../words/words.tsx';
import { fieldOf, labelOf } from './fields.model.ts';

/** Runs whose ids an address holds, at most: servers bound the length of what they are asked. */
const mostRuns = 400;

/** Runs taken together by a field: for each value, mean and deviation of the metrics over all members. */
export function GroupsTable({ runs, columns, view }: { readonly runs: readonly RunInfo[]; readonly columns: readonly string[]; readonly view: View }) {
  const words = useWords();
  const groups = useMemo(() => groupsOf(runs, (run) => fieldOf(run, view.group)), [runs, view.group]);
  const metrics = columns.filter((key) => key !== view.group && runs.some(({ summary }) => Object.hasOwn(summary, key)));
  const idsOf = (members: readonly RunInfo[]) => members.slice(0, mostRuns).map(({ id }) => id);
  return (
    <div>
      <p className="note groups-note">
        {words.runs.groupHint}
        {runs.length > mostRuns && <> · {words.runs.groupsCap(mostRuns, runs.length)}</>}
        {runs.length > 1 && <Link to={goTo(view, 'run', idsOf(runs))} className="button">{words.runs.openGroups}</Link>}
      </p>
      <div className="runs-scroll" tabIndex={0} role="region" aria-label={words.runs.groupTitle(labelOf(view.group))}>
        <table className="runs groups">
          <thead>
            <tr><th scope="col">{labelOf(view.group)}</th><th scope="col" className="value">{words.runs.groupRuns}</th>{metrics.map((metric) => <th key={metric} scope="col" className="value">{metric}</th>)}</tr>
          </thead>
          <tbody>
            {groups.map(({ value, members }) => (
              <tr key={value ?? ''}>
                <th scope="row" className="name">
                  <Link to={goTo(view, 'run', idsOf(members))} label={words.runs.openGroup(value ?? words.runs.withoutValue)}>{value ?? words.runs.withoutValue}</Link>
                </th>
                <td className="value">{members.length.toLocaleString(words.locale)}</td>
                {metrics.map((metric) => <Mean key={metric} values={members.map((run) => fieldOf(run, metric))} members={members.length} />)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Mean({ values, members }: { readonly values: readonly (string | number | undefined)[]; readonly members: number }) {
  const { n, mean, deviation } = spreadOfValues(values.map((value) => (typeof value === 'number' ? value : undefined)));
  if (n === 0) return <td className="value">–</td>;
  return <td className="value">{formatValue(mean)}{n > 1 && <span className="deviation"> ± {formatValue(Number(deviation.toPrecision(2)))}</span>}{n < members && <span className="deviation"> (n = {n})</span>}</td>;
}
