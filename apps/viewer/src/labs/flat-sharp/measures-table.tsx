import { formatValue } from '@gradstream/charts';
import { useWords } from '../../words/words.tsx';
import type { Measures, Which } from './flat-sharp.answer.ts';

const order: readonly Which[] = ['small', 'large', 'stretched'];

/** The measures of each solution, a row for each measure. */
export function MeasuresTable({ of, eps, rho }: { readonly of: Readonly<Partial<Record<Which, Measures>>>; readonly eps: number; readonly rho: number }) {
  const words = useWords();
  const shown = order.filter((which) => of[which]);
  const text = (x: number) => formatValue(Number(x.toPrecision(4)));
  const rows = words.flatSharp.rows(text(eps), text(rho));
  return (
    <div className="gs-table measures" tabIndex={0} role="region" aria-label={words.flatSharp.measures}>
      <table>
        <thead><tr><td />{shown.map((which) => <th key={which} scope="col">{words.flatSharp.which[which]}</th>)}</tr></thead>
        <tbody>
          {(Object.keys(rows) as (keyof Measures)[]).map((measure) => (
            <tr key={measure} data-measure={measure}>
              <th scope="row">{rows[measure]}</th>
              {shown.map((which) => <td key={which} data-which={which} data-value={of[which]![measure]}>{text(of[which]![measure])}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
