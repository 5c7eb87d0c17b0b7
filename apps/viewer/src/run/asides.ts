import { type Distribution, DistributionSeries } from '@gradstream/charts';

/** A small image of one step: PNG, base64. */
export interface StepImage {
  readonly step: number;
  readonly png: string;
  readonly caption?: string;
}

/** Something that somebody ought to look at, or a text of the run. */
export interface Remark {
  readonly level: 'info' | 'warning' | 'error' | 'text';
  readonly title: string;
  readonly text?: string;
  readonly step?: number;
  readonly wall: number;
}

/** What a run said beside its numbers. Mutable, like the curves. */
export class RunAsides {
  readonly #distributions = new Map<string, DistributionSeries>();
  readonly #images = new Map<string, readonly StepImage[]>();
  remarks: readonly Remark[] = [];

  /** Names of what was distributed, sorted: `gradients/dense/kernel`, `weights/dense/kernel`. */
  get distributions(): readonly (readonly [string, readonly Distribution[]])[] {
    return [...this.#distributions].map(([name, { all }]) => [name, all] as const).sort(([a], [b]) => a.localeCompare(b, 'en'));
  }

  /** Images by name, each in order of their steps. */
  get images(): readonly (readonly [string, readonly StepImage[]])[] {
    return [...this.#images].sort(([a], [b]) => b.localeCompare(a, 'en')).sort(([a], [b]) => stem(a).localeCompare(stem(b), 'en'));
  }

  addDistribution(name: string, distribution: Distribution): void {
    let series = this.#distributions.get(name);
    if (!series) this.#distributions.set(name, (series = new DistributionSeries()));
    series.add(distribution);
  }

  addImage(name: string, image: StepImage): void {
    const others = (this.#images.get(name) ?? []).filter(({ step }) => step !== image.step);
    this.#images.set(name, [...others, image].sort((a, b) => a.step - b.step));
  }

  addRemark(remark: Remark): void {
    this.remarks = [...this.remarks, remark];
  }
}

const stem = (name: string): string => name.slice(0, name.lastIndexOf('/') + 1);

/** The last image at or before a step; the first one where there is none before. */
export const imageAt = (images: readonly StepImage[], step = Infinity): StepImage | undefined => images.findLast((image) => image.step <= step) ?? images[0];
