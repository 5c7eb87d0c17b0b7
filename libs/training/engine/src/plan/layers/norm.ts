import { floatsOf, gated, outputOf, type Planner } from '../site.ts';

interface BatchNorm {
  readonly convention: 'torch' | 'keras';
  readonly momentum: number | 'cumulative';
  readonly eps: number;
  readonly affine: boolean;
}

/** Statistics over the whole batch: the threads wait for each other around them. */
export const batchNorm: Planner = (site, layer, input) => {
  const { convention, momentum, eps, affine } = layer.layer as unknown as BatchNorm;
  const { program, batch } = site;
  const channels = layer.inputShape.at(-1)!;
  const places = input.size / channels;
  const rows = batch * places;
  if (site.training && (momentum === 'cumulative' || rows < 2)) return null;

  const running = { mean: site.param(`${layer.name}/mean`).at, variance: site.param(`${layer.name}/variance`).at };
  const gamma = affine ? site.param(`${layer.name}/gamma`) : undefined;
  const beta = affine ? site.param(`${layer.name}/beta`) : undefined;
  const output = outputOf(site, layer, input, { trained: affine });
  const standard = site.buffer(floatsOf(batch * input.size));
  const { mean, variance } = site.training ? { mean: site.buffer(floatsOf(channels)), variance: site.buffer(floatsOf(channels)) } : running;
  const perChannel = (emit: (part: number, first: number, end: number) => void) => {
    program.barrier();
    program.split(channels, 4, emit);
    program.barrier();
  };

  if (site.training) {
    perChannel((part, first, end) => program.call(part, 'columnMoments', input.at, rows, channels, first, end, mean, variance));
    const fresh = convention === 'torch' ? (momentum as number) : 1 - (momentum as number);
    program.once('runningMean', running.mean, mean, channels, fresh, 1);
    program.once('runningMean', running.variance, variance, channels, fresh, convention === 'torch' ? rows / (rows - 1) : 1);
  }
  site.examples((part, first, end) =>
    program.call(part, 'normalizeColumns', input.at, first * places, end * places, channels, mean, variance, eps, gamma?.at ?? 0, beta?.at ?? 0, standard, output.at));

  return {
    output,
    backward: (dOut) => {
      const dGamma = gamma?.gradient ?? site.buffer(floatsOf(channels));
      const dBeta = beta?.gradient ?? site.buffer(floatsOf(channels));
      perChannel((part, first, end) => program.call(part, 'normalizeColumnSums', dOut, standard, rows, channels, first, end, dGamma, dBeta));
      if (!input.differentiable) return 0;
      const dX = site.buffer(floatsOf(batch * input.size));
      site.examples((part, first, end) =>
        program.call(part, 'normalizeColumnsGrad', dOut, standard, first * places, end * places, rows, channels, variance, eps, gamma?.at ?? 0, dGamma, dBeta, dX));
      return gated(site, dX, input);
    },
  };
};

export const layerNorm: Planner = (site, layer, input) => {
  const { eps, affine } = layer.layer as unknown as { eps: number; affine: boolean };
  const { program, batch } = site;
  const width = layer.inputShape.at(-1)!;
  const places = input.size / width;
  const gamma = affine ? site.param(`${layer.name}/gamma`) : undefined;
  const beta = affine ? site.param(`${layer.name}/beta`) : undefined;
  const output = outputOf(site, layer, input, { trained: affine });
  const standard = site.buffer(floatsOf(batch * input.size));
  const inverse = site.buffer(floatsOf(batch * places));
  site.examples((part, first, end) =>
    program.call(part, 'normalizeRows', input.at, first * places, end * places, width, eps, gamma?.at ?? 0, beta?.at ?? 0, standard, inverse, output.at));
  return {
    output,
    backward: (dOut) => {
      if (gamma && beta) site.later(() => program.split(width, 4, (part, first, end) => program.call(part, 'normalizeColumnSums', dOut, standard, batch * places, width, first, end, gamma.gradient, beta.gradient)));
      if (!input.differentiable) return 0;
      const dX = site.buffer(floatsOf(batch * input.size));
      site.examples((part, first, end) => program.call(part, 'normalizeRowsGrad', dOut, standard, first * places, end * places, width, inverse, gamma?.at ?? 0, dX));
      return gated(site, dX, input);
    },
  };
};

/** Statistics of each example over its places and a group of channels; `centered` takes the mean off. */
const grouped = (groupsOf: (options: object, channels: number) => number, { centered = true, places = (size: number, channels: number) => size / channels } = {}): Planner => (site, layer, input) => {
  const { eps, affine = true } = layer.layer as unknown as { eps: number; affine?: boolean };
  const { program, batch } = site;
  const channels = layer.inputShape.at(-1)!;
  const groups = groupsOf(layer.layer, channels);
  const perGroup = places(input.size, channels);
  // Rows of a group's own: examples, or places where each stands alone.
  const rows = input.size / channels / perGroup;
  const gamma = affine ? site.param(`${layer.name}/gamma`) : undefined;
  const beta = affine && centered ? site.param(`${layer.name}/beta`) : undefined;
  const output = outputOf(site, layer, input, { trained: affine });
  const standard = site.buffer(floatsOf(batch * input.size));
  const inverse = site.buffer(floatsOf(batch * rows * groups));
  site.examples((part, first, end) =>
    program.call(part, 'normalizeGroups', input.at, first * rows, end * rows, perGroup, channels, groups, Number(centered), eps, gamma?.at ?? 0, beta?.at ?? 0, standard, inverse, output.at));
  return {
    output,
    backward: (dOut) => {
      const all = batch * rows * perGroup;
      const dBeta = beta?.gradient ?? site.buffer(floatsOf(channels));
      if (gamma) site.later(() => program.split(channels, 4, (part, first, end) => program.call(part, 'normalizeColumnSums', dOut, standard, all, channels, first, end, gamma.gradient, dBeta)));
      if (!input.differentiable) return 0;
      const dX = site.buffer(floatsOf(batch * input.size));
      site.examples((part, first, end) => program.call(part, 'normalizeGroupsGrad', dOut, standard, first * rows, end * rows, perGroup, channels, groups, Number(centered), inverse, gamma?.at ?? 0, dX));
      return gated(site, dX, input);
    },
  };
};

export const groupNorm: Planner = grouped((options) => (options as { groups: number }).groups);
export const instanceNorm: Planner = grouped((_, channels) => channels);
export const rmsNorm: Planner = grouped(() => 1, { centered: false, places: () => 1 });
