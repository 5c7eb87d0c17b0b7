import { useEffect, useRef, useState } from 'react';
import { useKeys } from '../shell/keys.ts';
import type { View } from '../view/view.model.ts';
import { touch } from '../view/view.store.ts';
import { useWords } from '../words/words.tsx';

/** A whole run is played in this time, however long it took. */
const playMs = 12_000;

/** The playhead of a run: curves, distributions and pictures of the page show what stood at its step. @param last the last step there is */
export function ReplayBar({ view, last }: { readonly view: View; readonly last: number }) {
  const words = useWords();
  const [playing, setPlaying] = useState(false);
  const latest = useRef({ at: view.at ?? 0, last });
  useEffect(() => void (latest.current = { at: view.at ?? 0, last }));
  const on = view.at !== undefined;
  const toggle = () => {
    setPlaying(false);
    touch(on ? { at: undefined } : { at: 0, axis: 'step' });
  };
  const move = (by: number) => {
    if (view.at !== undefined) touch({ at: Math.max(0, Math.min(last, view.at + by)) });
  };
  useKeys({ p: toggle, ',': () => move(-1), '.': () => move(1) });
  useEffect(() => {
    if (!playing || !on) return undefined;
    let before = performance.now();
    let exact = latest.current.at;
    const tick = (now: number) => {
      exact = Math.min(latest.current.last, exact + ((now - before) / playMs) * latest.current.last);
      before = now;
      touch({ at: Math.round(exact) });
      if (exact >= latest.current.last) setPlaying(false);
      else frame = requestAnimationFrame(tick);
    };
    let frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [playing, on]);
  const play = () => {
    if (!playing && latest.current.at >= last) {
      latest.current.at = 0;
      touch({ at: 0 });
    }
    setPlaying(!playing);
  };
  if (last < 1) return null;
  if (!on) return <div className="replay"><button type="button" aria-keyshortcuts="p" onClick={toggle}>{words.run.replay}</button></div>;
  const at = Math.min(view.at, last);
  return (
    <div className="replay" role="group" aria-label={words.run.replay}>
      <button type="button" onClick={play}>{playing ? words.run.halt : words.run.play}</button>
      <input type="range" min={0} max={last} step={1} value={at} aria-label={words.run.playhead} aria-valuetext={words.run.playheadAt(at, last)} onChange={(event) => { setPlaying(false); touch({ at: event.target.valueAsNumber }); }} />
      <output>{words.run.playheadAt(at, last)}</output>
      <button type="button" className="quiet" aria-keyshortcuts="p" onClick={toggle}>{words.run.replayEnd}</button>
    </div>
  );
}
