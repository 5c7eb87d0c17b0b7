import { formatSeconds, formatValue } from '@gradstream/charts';
import type { Formula } from '@gradstream/optimizers';
import { Fragment, useEffect, useId, useState } from 'react';
import { useWords } from '../words/words.tsx';
import { type PipelineStage, stagesOf, stepsPerSecond, valuesOf } from './pipeline.model.ts';
import { SpecLines } from './spec-panel.tsx';
import { isInPass, type StageName, type StageTime, type StageTimes, timesOf } from './stage-times.model.ts';
import type { WatchedRun } from './watch.store.ts';

const brief = (value: number): string => formatValue(Number(value.toPrecision(3)));

/** Time as people read it: `42 µs`, `1.94 ms`, `2.1 s`. */
const duration = (ms: number): string => (ms < 1 ? `${brief(1_000 * ms)} µs` : ms < 1_000 ? `${brief(ms)} ms` : formatSeconds(ms / 1_000));

const percent = (share: number): string => `${share > 0 && share < 0.01 ? '<1' : Math.round(100 * share)} %`;

/**
 * The way of the data through a run: its stages with their latest numbers and, where they were measured, their time, its share of
 * a step, and the batches that are ready. A stage opens to its part of the document, the formula of its update and its last values.
 *
 * @param at the playhead
 */
export function PipelineFigure({ run: { detail, curves, state }, at }: { readonly run: WatchedRun; readonly at?: number }) {
  const words = useWords();
  const id = useId();
  const [open, setOpen] = useState<StageName>();
  const [table, setTable] = useState(false);
  const times = timesOf(curves, at);
  const stages = stagesOf(detail?.spec, times);
  if (stages.length === 0) return null;
  const pace = state === 'running' && times?.rate === undefined ? stepsPerSecond(curves) : undefined;
  const nameOf = ({ stage, name }: PipelineStage) => (stage === 'backward' || stage === 'rest' ? words.run.stageNames[stage] : name);
  const timeOf = (stage: StageName): StageTime | undefined => times?.stages.get(stage) ?? (stage === 'forward' ? times?.pass : undefined);
  const timeText = (stage: StageName): string => {
    const time = timeOf(stage);
    if (time) return `${duration(time.ms)} · ${percent(time.share)}`;
    if (times?.pass && isInPass(stage)) return words.run.inPass;
    return times?.queued !== undefined && stage === 'augment' ? words.run.ahead : ' ';
  };
  const numberText = (stage: StageName): string => {
    if (stage === 'data') return times?.rate !== undefined ? words.run.examples(brief(times.rate)) : pace !== undefined ? words.run.pace(brief(pace)) : ' ';
    const [latest] = valuesOf(stage, curves, at);
    return latest ? `${latest.metric.split('/').at(-1)} ${formatValue(latest.value)}` : ' ';
  };
  const timed = stages.flatMap(({ stage }) => {
    const time = timeOf(stage);
    return time ? [{ kind: times?.pass && stage === 'forward' ? words.run.onePass : words.run.stages[stage], time }] : [];
  });
  const opened = stages.find(({ stage }) => stage === open);
  return (
    <figure
      className="pipeline" aria-labelledby={`${id}-title`} aria-describedby={`${id}-summary`}
      onKeyDown={(event) => { if (event.key === 'Escape' && open !== undefined) { event.stopPropagation(); document.getElementById(`${id}-${open}`)?.focus(); setOpen(undefined); } }}
    >
      <figcaption className="gs-caption">
        <span className="gs-title" id={`${id}-title`}>{words.run.pipeline}</span>
        <span className="note">{times ? words.run.timesOver(duration(times.total), times.wall === undefined ? undefined : duration(times.wall), times.over, times.step) : curves.points > 0 && words.run.noTimes}</span>
        {times && <button type="button" className="gs-quiet" aria-expanded={table} aria-label={words.charts.tableOf(words.run.pipeline)} onClick={() => setTable(!table)}>{words.charts.table}</button>}
      </figcaption>
      <ol>
        {stages.map((each, i) => {
          const { stage } = each;
          const queued = stage === 'forward' ? times?.queued : undefined;
          return (
            <li key={stage} className={times?.pass && isInPass(stage) && stage !== 'forward' ? 'same-pass' : undefined}>
              {i > 0 && <span className="edge">{queued !== undefined && <span title={words.run.queuedHint}>{words.run.queued(queued)}</span>}</span>}
              <button type="button" id={`${id}-${stage}`} aria-expanded={open === stage} aria-controls={open === stage ? `${id}-panel` : undefined} onClick={() => setOpen(open === stage ? undefined : stage)}>
                <span className="kind">{words.run.stages[stage]}</span>
                <span className="name" title={nameOf(each)}>{nameOf(each)}</span>
                <span className="number">{numberText(stage)}</span>
                {times && <span className="number time">{timeText(stage)}</span>}
                {times && <span className="share" aria-hidden="true"><span style={{ width: `${100 * (timeOf(stage)?.share ?? 0)}%` }} /></span>}
              </button>
            </li>
          );
        })}
      </ol>
      {times?.pass && <p className="note">{words.run.passMeans}</p>}
      <p className="gs-unseen" id={`${id}-summary`}>
        {words.run.pipelineSummary(stages.map((each) => `${words.run.stages[each.stage]} ${nameOf(each)}`), times && { total: duration(times.total), wall: times.wall === undefined ? undefined : duration(times.wall), over: times.over, step: times.step, rate: times.rate === undefined ? undefined : brief(times.rate), queued: times.queued, parts: timed.map(({ kind, time }) => ({ kind, time: duration(time.ms), share: percent(time.share) })) })}
      </p>
      {table && times && <TimesTable rows={timed} times={times} />}
      {opened && <StagePanel id={`${id}-panel`} stage={opened} name={nameOf(opened)} time={timeOf(opened.stage)} inPass={times?.pass !== undefined && isInPass(opened.stage)} values={valuesOf(opened.stage, curves, at)} />}
    </figure>
  );
}

function TimesTable({ rows, times: { over, step } }: { readonly rows: readonly { readonly kind: string; readonly time: StageTime }[]; readonly times: StageTimes }) {
  const words = useWords();
  const { stage, median, share, last } = words.run.timeColumns;
  return (
    <div className="gs-table" tabIndex={0} role="region" aria-label={words.charts.tableOf(words.run.pipeline)}>
      <table>
        <caption>{words.run.timesCaption(over, step)}</caption>
        <thead><tr>{[stage, median, share, last].map((name) => <th key={name} scope="col">{name}</th>)}</tr></thead>
        <tbody>{rows.map(({ kind, time }) => <tr key={kind}><th scope="row">{kind}</th><td>{duration(time.ms)}</td><td>{percent(time.share)}</td><td>{duration(time.last)}</td></tr>)}</tbody>
      </table>
    </div>
  );
}

interface StagePanelProps {
  readonly id: string;
  readonly stage: PipelineStage;
  readonly name: string;
  readonly time?: StageTime;
  readonly inPass: boolean;
  readonly values: ReturnType<typeof valuesOf>;
}

/** What a stage is made of, and what came of it last. */
function StagePanel({ id, stage: { stage, spec }, name, time, inPass, values }: StagePanelProps) {
  const words = useWords();
  const facts: readonly (readonly [string, string])[] = [
    ...(time ? [[inPass ? words.run.onePass : words.run.timeColumns.median, `${duration(time.ms)} (${percent(time.share)})`], [words.run.timeColumns.last, duration(time.last)]] as const : []),
    ...values.map(({ metric, value }) => [metric, formatValue(Number(value.toPrecision(5)))] as const),
  ];
  return (
    <section className="card" id={id} aria-label={`${words.run.stages[stage]} ${name}`}>
      <h2>{words.run.stages[stage]} <span>{name}</span></h2>
      <p className="note">{words.run.stageMeans[stage]}</p>
      <div className="parts">
        {Object.keys(spec as object).length > 0 && <div><h3>{words.run.spec}</h3><SpecLines spec={spec} /></div>}
        {stage === 'optimize' && <OptimizerFormula optimizer={(spec as { optimizer: unknown }).optimizer} />}
        {facts.length > 0 && <div><h3>{words.run.lastValues}</h3><dl>{facts.map(([what, value]) => <Fragment key={what}><dt>{what}</dt><dd>{value}</dd></Fragment>)}</dl></div>}
      </div>
    </section>
  );
}

/** The formula of an optimizer, link by link; the optimizers are fetched when somebody asks. */
function OptimizerFormula({ optimizer }: { readonly optimizer: unknown }) {
  const words = useWords();
  const [found, setFound] = useState<{ readonly formulas?: readonly Formula[]; readonly failure?: string }>();
  const key = JSON.stringify(optimizer);
  useEffect(() => {
    let wanted = true;
    import('./optimizer-formula.ts')
      .then(({ formulasIn }) => ({ formulas: formulasIn(optimizer) }))
      .catch((error: Error) => ({ failure: error.message }))
      .then((answer) => { if (wanted) setFound(answer); });
    return () => { wanted = false; };
  }, [key]);
  return (
    <div className="formula" aria-busy={found === undefined}>
      <h3>{words.run.formula}</h3>
      {found?.failure !== undefined && <p>{words.run.noFormula(found.failure)}</p>}
      {found?.formulas && <dl>{found.formulas.map(({ name, lines }, i) => <Fragment key={i}><dt>{name}</dt><dd>{lines.length > 0 ? lines.map((line) => <code key={line}>{line}</code>) : words.run.noExpression}</dd></Fragment>)}</dl>}
      {found?.formulas && <p className="note">{words.run.formulaHint}</p>}
    </div>
  );
}
