import type { XAxis } from '@gradstream/charts';
import { useKeys } from '../shell/keys.ts';
import type { View } from '../view/view.model.ts';
import { touch } from '../view/view.store.ts';
import { useWords } from '../words/words.tsx';

const axes: readonly XAxis[] = ['step', 'relative', 'wall'];
const weights = [0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99, 0.995];

interface ToolbarProps {
  readonly view: View;
  /** Width of x that following shows when nothing is chosen. */
  readonly followWidth: () => number;
  readonly children?: React.ReactNode;
}

/** What holds for all curves of a page: smoothing, axes, the window. */
export function Toolbar({ view, followWidth, children }: ToolbarProps) {
  const words = useWords();
  const smooth = (by: number) => {
    const at = weights.findIndex((weight) => weight >= view.smoothing);
    touch({ smoothing: weights[Math.max(0, Math.min(weights.length - 1, at + by))] });
  };
  const setAxis = (axis: XAxis) => touch({ axis, x: undefined, last: undefined });
  const isLog = view.log.includes('*');
  const toggleLog = () => touch({ log: isLog ? [] : ['*'] });
  const toggleFollow = () => touch(view.last === undefined ? { last: view.x ? view.x[1] - view.x[0] : followWidth(), x: undefined } : { last: undefined });
  const everything = () => touch({ x: undefined, last: undefined });
  useKeys({
    '[': () => smooth(-1),
    ']': () => smooth(1),
    l: toggleLog,
    t: () => setAxis(axes[(axes.indexOf(view.axis) + 1) % axes.length]),
    f: toggleFollow,
    '0': everything,
  });
  const index = weights.findIndex((weight) => weight >= view.smoothing);
  return (
    <div className="tools">
      <label className="field">
        {words.run.smoothing}
        <input type="range" min={0} max={weights.length - 1} step={1} value={index < 0 ? weights.length - 1 : index} aria-valuetext={String(view.smoothing)} onChange={(event) => touch({ smoothing: weights[event.target.valueAsNumber] })} />
        <output>{view.smoothing}</output>
      </label>
      <div className="segments" role="group" aria-label={words.run.axis}>
        {axes.map((axis) => <button key={axis} type="button" aria-pressed={view.axis === axis} onClick={() => setAxis(axis)}>{words.run.axes[axis]}</button>)}
      </div>
      <button type="button" aria-pressed={isLog} onClick={toggleLog}>{words.run.allLog}</button>
      <button type="button" aria-pressed={view.gap} title={words.run.gapHint} onClick={() => touch({ gap: !view.gap })}>{words.run.gapToggle}</button>
      <button type="button" aria-pressed={view.last !== undefined} onClick={toggleFollow}>{view.last === undefined ? words.run.follow : words.run.following}</button>
      {(view.x ?? view.last) !== undefined && <button type="button" onClick={everything}>{words.run.everything}</button>}
      <span className="spring" />
      {children}
    </div>
  );
}
