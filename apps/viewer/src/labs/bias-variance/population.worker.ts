/** Fits populations in float64. */
import type { Told } from '../asked.ts';
import { capacitiesFor, fitAll, inputs, type Measures, measure, type Population } from './population.model.ts';

export interface PopulationQuestion {
  readonly population: Population;
  readonly capacity: number;
}

export interface PopulationAnswer {
  /** What each model of the chosen capacity says at `inputs`. */
  readonly fits: { readonly question: PopulationQuestion; readonly predictions: readonly Float64Array[] };
  readonly measured: { readonly population: Population; readonly measures: readonly Measures[] };
}

const say = (told: Told<PopulationAnswer>) => postMessage(told);
/** Of the last population: the slider of the capacity asks about the same one again. */
let known: PopulationAnswer['measured'] | undefined;

self.onmessage = ({ data: question }: MessageEvent<PopulationQuestion>) => {
  const { population, capacity } = question;
  say({ part: { fits: { question, predictions: fitAll(population, capacity, inputs).predictions } } });
  if (JSON.stringify(known?.population) !== JSON.stringify(population)) known = { population, measures: capacitiesFor(population.points).map((p) => measure(population, p)) };
  say({ part: { measured: known! } });
  say({ done: true });
};
