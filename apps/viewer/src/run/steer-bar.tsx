import { formatValue } from '@gradstream/charts';
import type { CommandBody } from '@gradstream/protocol';
import { useState } from 'react';
import type { RunSource } from '../server/source.ts';
import { useWords } from '../words/words.tsx';
import { buttonsOf, type Dial, dialsOf, positionOf, valueAt } from './steer.model.ts';
import type { WatchedRun } from './watch.store.ts';

/** What a run that goes on can be told; nothing for one that takes no commands. */
export function SteerBar({ run, source }: { readonly run: WatchedRun; readonly source: RunSource }) {
  const words = useWords();
  const [failure, setFailure] = useState<string>();
  const controls = run.detail?.controls;
  if (!controls || (run.state !== 'running' && run.state !== 'paused')) return null;
  const say = (command: CommandBody) => {
    setFailure(undefined);
    source.steer(run.id, command).subscribe({ error: (error: Error) => setFailure(error.message) });
  };
  const slider = (dial: Dial) => <DialSlider key={dial.path} dial={dial} value={run.curves.latest(dial.path.split('.').at(-1)!)} onSet={(value) => say({ command: 'set', path: dial.path, value })} />;
  const [first, ...more] = dialsOf(controls);
  const refusal = failure ?? run.refusal;
  return (
    <div className="steer" role="group" aria-label={words.run.steer}>
      {buttonsOf(controls.commands, run.paused || run.state === 'paused').map((command) => (
        <button key={command} type="button" onClick={() => say({ command })}>{words.run.commands[command]}</button>
      ))}
      {first && slider(first)}
      {more.length > 0 && (
        <details>
          <summary>{words.run.moreDials(more.length)}</summary>
          {more.map(slider)}
        </details>
      )}
      <span role="status" className={refusal ? 'refusal' : 'count'}>{refusal ? words.run.refused(refusal) : run.waiting.length > 0 ? words.run.asked : ''}</span>
    </div>
  );
}

/** Follows the run's value until a hand takes it, and sends one command when the hand lets go. */
function DialSlider({ dial, value = dial.min, onSet }: { readonly dial: Dial; readonly value?: number; readonly onSet: (value: number) => void }) {
  const [held, setHeld] = useState<number>();
  const shown = held ?? value;
  const letGo = () => {
    if (held === undefined) return;
    onSet(held);
    setHeld(undefined);
  };
  return (
    <label className="field">
      {dial.path}
      <input
        type="range" min={0} max={1} step={0.005} value={positionOf(dial, shown)} aria-valuetext={formatValue(shown)}
        onChange={(event) => setHeld(valueAt(dial, event.target.valueAsNumber))} onPointerUp={letGo} onKeyUp={letGo} onBlur={letGo}
      />
      <output>{formatValue(shown)}</output>
    </label>
  );
}
