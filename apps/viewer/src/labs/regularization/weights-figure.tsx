import { formatValue, paletteOf } from '@gradstream/charts';
import { useWords } from '../../words/words.tsx';
import { scaleOf } from '../axes.tsx';
import { LabFigure } from '../lab-figure.tsx';
import { Multiples, panel } from './multiples.tsx';
import type { ArmPicture } from './side-by-side.model.ts';

const bins = 41;
/** Weights smaller than this count as none. */
const small = 0.01;

/** How the weights of each arm lie, in the same bins. */
export function WeightsFigure({ pictures, epoch, busy }: { readonly pictures: readonly ArmPicture[]; readonly epoch: number; readonly busy: boolean }) {
  const words = useWords().regularization;
  const palette = paletteOf(document.documentElement);
  const sizes = pictures.flatMap(({ weights }) => [...weights].map(Math.abs)).sort((a, b) => a - b);
  const edge = Math.max(0.1, sizes[Math.floor(0.995 * (sizes.length - 1))] ?? 1);
  const facts = pictures.map(({ name, weights }) => {
    const counts = new Array<number>(bins).fill(0);
    let [squares, none] = [0, 0];
    for (const weight of weights) {
      squares += weight * weight;
      if (Math.abs(weight) < small) none++;
      counts[Math.max(0, Math.min(bins - 1, Math.floor(((weight + edge) / (2 * edge)) * bins)))]++;
    }
    return { name, counts: counts.map((count) => count / weights.length), norm: Math.sqrt(squares), none: none / weights.length };
  });
  // The peak of an arm whose weights are nearly all zero would hide the shapes of the others.
  const greatest = Math.min(0.25, Math.max(...facts.flatMap(({ counts }) => counts), 0.01));
  const x = scaleOf([-edge, edge], [panel.left, panel.width - panel.right]);
  const y = scaleOf([0, greatest], [panel.height - panel.bottom, panel.top]);
  const least = [...facts].sort((a, b) => a.norm - b.norm);
  const said = facts.length > 0 ? words.weightsSaid(epoch, words.arms[least[0].name], formatValue(least[0].norm), words.arms[least.at(-1)!.name], formatValue(least.at(-1)!.norm)) : words.starting;
  return (
    <LabFigure
      title={words.weights} said={said} busy={busy} className="multiples"
      table={{ head: [words.arm, words.norm, words.zeroShare], rows: facts.map(({ name, norm, none }) => [words.arms[name], norm, 100 * none]) }}
    >
      <Multiples names={facts.map(({ name }) => words.arms[name])} label={said} palette={palette}>
        {(arm) => (
          <>
            <g fill={palette.lines[0]} fillOpacity={0.75}>
              {facts[arm].counts.map((share, i) => share > 0 && <rect key={i} x={x(-edge + (2 * edge * i) / bins)} y={Math.max(panel.top, y(share))} width={(panel.width - panel.left - panel.right) / bins - 0.6} height={panel.height - panel.bottom - Math.max(panel.top, y(share))} />)}
            </g>
            {facts[arm].counts.map((share, i) => share > greatest && <path key={i} d={`M${x(-edge + (2 * edge * (i + 0.5)) / bins) - 4} ${panel.top + 2}l4 -6l4 6Z`} fill={palette.text} />)}
            <g className="axes" fontSize={9} fill={palette.faint}>
              <path d={`M${panel.left} ${panel.height - panel.bottom}H${panel.width - panel.right}`} stroke={palette.faint} />
              {[-edge, 0, edge].map((at, i) => <text key={i} x={x(at)} y={panel.height - 8} textAnchor={i === 0 ? 'start' : i === 1 ? 'middle' : 'end'}>{formatValue(Number(at.toFixed(2)))}</text>)}
              <text x={panel.width - panel.right} y={13} textAnchor="end">{words.normShort(formatValue(Number(facts[arm].norm.toPrecision(3))), Math.round(100 * facts[arm].none))}</text>
            </g>
          </>
        )}
      </Multiples>
    </LabFigure>
  );
}
