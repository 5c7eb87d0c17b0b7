import { useState } from 'react';
import { useWords } from '../words/words.tsx';
import { CurvePanels, type CurvePanelsProps } from './curve-panels.tsx';
import { timingMetrics } from './stage-times.model.ts';

/** Curves of where the time goes: behind all others, and drawn when somebody opens them. */
export function TimingPanels(props: Omit<CurvePanelsProps, 'only'>) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const names = new Set(props.runs.flatMap(({ curves }) => curves.names.filter((name) => timingMetrics.has(name))));
  if (names.size === 0) return null;
  return (
    <details className="section timings" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.run.timings(names.size)}</summary>
      {open && <CurvePanels {...props} only="timings" />}
    </details>
  );
}
