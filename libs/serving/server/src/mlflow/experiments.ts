import { z } from 'zod';
import type { RunStore } from '../run-store.ts';
import { experimentId, projectOf } from './model.ts';

/** What is kept of an experiment besides its runs. */
const kept = z.object({ name: z.string().optional(), tags: z.record(z.string(), z.string()).default({}), deleted: z.boolean().default(false), created: z.number().default(0), changed: z.number().default(0) });
const book = z.record(z.string(), kept);
export type ExperimentRecord = z.output<typeof kept>;

const setting = 'mlflow.experiments';

/**
 * Experiments are projects. What a project has no place for (tags, another name, that it is deleted, that it is there
 * without a run) is kept beside the runs. The id stays that of the project, whatever it is called.
 */
export class Experiments {
  constructor(private readonly store: RunStore) {}

  /** Experiments by project: those with runs, and those that were made without one. */
  async all(): Promise<Map<string, ExperimentRecord>> {
    const known = await this.book();
    const projects = new Set(['default', ...Object.keys(known), ...(await this.store.projects())]);
    return new Map(Array.from(projects, (project) => [project, known[project] ?? kept.parse({})]));
  }

  async change(project: string, fields: Partial<ExperimentRecord>): Promise<void> {
    const known = await this.book();
    const before = known[project] ?? kept.parse({ created: Date.now() });
    await this.store.set(setting, JSON.stringify({ ...known, [project]: { ...before, ...fields, changed: Date.now() } }));
  }

  private async book(): Promise<Record<string, ExperimentRecord>> {
    return book.parse(JSON.parse((await this.store.setting(setting)) ?? '{}'));
  }
}

export const nameOf = (project: string, { name }: ExperimentRecord): string => name ?? (project === 'default' ? 'Default' : project);

/** The project whose experiment has this name. */
export const named = (all: ReadonlyMap<string, ExperimentRecord>, name: string): string | undefined =>
  [...all].find(([project, record]) => nameOf(project, record) === name)?.[0] ?? (all.has(projectOf(name)) && all.get(projectOf(name))!.name === undefined ? projectOf(name) : undefined);

/** An experiment as MLflow shows it. */
export const experiment = (project: string, record: ExperimentRecord) => ({
  experiment_id: experimentId(project), name: nameOf(project, record), artifact_location: '', lifecycle_stage: record.deleted ? 'deleted' : 'active', creation_time: record.created, last_update_time: record.changed,
  tags: Object.entries(record.tags).map(([key, value]) => ({ key, value })),
});
