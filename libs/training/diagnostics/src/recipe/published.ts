/**
 * A recipe on a metrics server: a run group. One run holds the claim, each measure of each arm at the seed it was measured with, and the
 * verdict; beside it stands every run that the cells trained, with its arm and seed as tags.
 */
import { newId, type RunEvent } from '@gradstream/protocol';
import { connect, publish, Publisher } from '@gradstream/client';
import type { Live } from '@gradstream/pipeline';
import type { Recipe } from './recipe.ts';
import type { Cell, CellEvent, Report } from './run-recipe.ts';
import type { StudyParts } from './study.ts';

/** Where to. */
export interface Publishing {
  /** `http://127.0.0.1:4319` */
  readonly server: string;
  /** What the runs of one recipe have in common. */
  readonly group: string;
}

const PROJECT = 'recipes';
/** ms that a server which went away is waited for: a recipe does not need it. */
const giveUpAfterMs = 2_000;
const quiet = { giveUpAfterMs, onProblem: (): void => undefined };

/** Parts whose runs are published too. */
export function publishedParts(parts: StudyParts, { recipe, arm, seed }: Cell, { server, group }: Publishing): { readonly parts: StudyParts; settled(): Promise<void> } {
  const all: Promise<unknown>[] = [];
  const compose: StudyParts['compose'] = (made, data, extra) => {
    const operator = publish<RunEvent & Live>(server, { ...quiet, project: PROJECT, name: `${recipe}: ${arm}, seed ${seed}`, tags: { group, recipe, arm, seed: String(seed) }, spec: { ...made.spec } });
    all.push(operator.done);
    return parts.compose(made, data, extra).pipe(operator);
  };
  return { parts: { ...parts, compose }, settled: async () => void (await Promise.all(all)) };
}

export interface ReportPublisher {
  /** Notes what a cell measured. */
  next(event: CellEvent): void;
  /** Notes the verdict and ends the run. */
  end(report: Report): Promise<void>;
}

/** The run that holds a recipe's measures and its verdict. */
export function publishReport(recipe: Recipe, { server, group }: Publishing): ReportPublisher {
  const run = `${recipe.id}-${newId()}`;
  const tags = { group, recipe: recipe.id, part: 'verdict' };
  const publisher = new Publisher(server, { ...quiet, run, project: PROJECT, name: `${recipe.id}: verdict`, tags, spec: { recipe } });
  return {
    next: ({ cell, measured }) => publisher.log(cell.seed, Object.fromEntries(Object.entries(measured).map(([metric, value]) => [`${metric}/${cell.arm}`, value]))),
    async end(report) {
      const says = report.failed.map((failure) => failure.says).join('\n');
      publisher.note({ type: 'text', name: 'verdict', text: `${report.verdict}${says ? `\n${says}` : ''}`, step: Math.max(...report.seeds), wall: Date.now() });
      const { unsent } = await publisher.end('finished', report.verdict);
      if (unsent > 0) return;
      // A server that went away at the very end keeps the points; only the report is missing there.
      await connect(server).patch(run, { spec: { recipe, report }, tags: { verdict: report.verdict } }).catch(() => undefined);
    },
  };
}
