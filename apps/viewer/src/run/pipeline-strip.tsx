import { formatValue } from '@gradstream/charts';
import { useMemo, useState } from 'react';
import { useWords } from '../words/words.tsx';
import { type StageName, stagesOf, stepsPerSecond, valueOf } from './pipeline.model.ts';
import { SpecLines } from './spec-panel.tsx';
import type { WatchedRun } from './watch.store.ts';

/** The way of the data through a run, with the latest number of each stage; a click shows what a stage is made of. */
export function PipelineStrip({ run: { detail, curves, state } }: { readonly run: WatchedRun }) {
  const words = useWords();
  const [open, setOpen] = useState<StageName>();
  const stages = useMemo(() => stagesOf(detail?.spec), [detail?.spec]);
  if (stages.length === 0) return null;
  const pace = state === 'running' ? stepsPerSecond(curves) : undefined;
  const opened = stages.find(({ stage }) => stage === open);
  return (
    <section className="pipeline" aria-label={words.run.pipeline}>
      <ol>
        {stages.map(({ stage, name }, i) => {
          const value = valueOf(stage, curves);
          return (
            <li key={stage}>
              <button type="button" aria-expanded={open === stage} onClick={() => setOpen(open === stage ? undefined : stage)}>
                <span className="kind">{words.run.stages[stage]}</span>
                <span className="name" title={name}>{name}</span>
                <span className="number">{i === 0 && pace !== undefined ? words.run.pace(formatValue(Number(pace.toPrecision(3)))) : value ? `${value.metric.split('/').at(-1)} ${formatValue(value.value)}` : ' '}</span>
              </button>
            </li>
          );
        })}
      </ol>
      {opened && <div className="card"><SpecLines spec={opened.spec} /></div>}
    </section>
  );
}
