/** Golden optimizer cases: the algorithm's name and its paper's or torch's options, as a transformation. */
import {
  adabelief, adafactor, adagrad, adam, adamax, adan, chain, lamb, lars, lion, lookahead, masked, muon, nadam, nesterovLookahead, piecewise, rmsprop, sam,
  scaleByLearningRate, scaleByMomentum, scheduleFreeAdamW, scheduleFreeSgd, sgdw, signSgd, signum, transformations, yogi, addDecayedWeights, type Transformation,
} from '@gradstream/optimizers';
import type { Hyper } from '@gradstream/numerics';
import { nest, type Comparison, type Engine, type Family, type GoldenCase, type GoldenFile } from './case.ts';
import { infosOf, trainer } from './engines.ts';
import { problemOf } from './problems.ts';

/** Options of a golden case: `lr` may have become a schedule. */
interface Options {
  readonly lr: Hyper;
  readonly weight_decay?: number;
  readonly eps?: number;
  readonly momentum?: number;
  readonly betas?: readonly number[];
  readonly beta1?: number;
  readonly beta2?: number;
  readonly beta3?: number;
  readonly [name: string]: unknown;
}

const torch = (name: string) => (options: Options): Transformation => (transformations[`torch.${name}`] as unknown as (options: object) => Transformation)(options);
/** Decays by any of the names that cases use; those that are missing keep their defaults. */
function beta({ betas = [], beta1 = betas[0], beta2 = betas[1], beta3 = betas[2] }: Options): { b1?: number; b2?: number; b3?: number } {
  return Object.fromEntries(Object.entries({ b1: beta1, b2: beta2, b3: beta3 }).filter(([, value]) => value !== undefined)) as { b1?: number };
}
/** An L2 penalty in front. */
const penalized = ({ weight_decay = 0 }: Options, rule: Transformation): Transformation => (weight_decay === 0 ? rule : chain(addDecayedWeights({ weightDecay: weight_decay, mask: 'all' }), rule));
const mask = 'all';

const ALGORITHMS: Readonly<Record<string, (options: Options) => Transformation>> = {
  sgd: torch('SGD'),
  adagrad: torch('Adagrad'),
  adadelta: torch('Adadelta'),
  rmsprop: torch('RMSprop'),
  adam: torch('Adam'),
  adamw: torch('AdamW'),
  radam: torch('RAdam'),
  adamax: torch('Adamax'),
  rprop: torch('Rprop'),
  asgd: torch('ASGD'),
  nadam: (o) => penalized(o, nadam({ learningRate: o.lr, ...beta(o), eps: o.eps, momentumDecay: o.momentum_decay as number | undefined })),
  adam_ref: (o) => penalized(o, adam({ learningRate: o.lr, ...beta(o), eps: o.eps, epsHat: o.eps_hat as boolean | undefined })),
  adamax_paper: (o) => penalized(o, adamax({ learningRate: o.lr, ...beta(o), eps: o.eps })),
  rmsprop_eps_inside: (o) => penalized(o, rmsprop({ learningRate: o.lr, decay: o.rho as number | undefined, eps: o.eps, epsInside: true, centered: o.centered as boolean | undefined, momentum: o.momentum })),
  adagrad_eps_inside: (o) => penalized(o, adagrad({ learningRate: o.lr, eps: o.eps, epsInside: true, initialAccumulator: o.initial_accumulator as number | undefined })),
  sutskever_nesterov: (o) => penalized(o, nesterovLookahead({ learningRate: o.lr, momentum: o.momentum })),
  sgdw: (o) => sgdw({ learningRate: o.lr, momentum: o.momentum, weightDecay: o.weight_decay, mask }),
  signum: (o) => {
    const rule = o.beta === 0 ? signSgd({ learningRate: o.lr }) : signum({ learningRate: o.lr, momentum: o.beta as number | undefined });
    return penalized(o, rule);
  },
  lion: (o) => lion({ learningRate: o.lr, ...beta(o), weightDecay: o.weight_decay, mask }),
  adabelief: (o) => penalized(o, adabelief({ learningRate: o.lr, ...beta(o), eps: o.eps })),
  yogi: (o) => penalized(o, yogi({ learningRate: o.lr, ...beta(o), eps: o.eps, initialAccumulator: o.initial_accumulator as number | undefined })),
  lamb: (o) => lamb({ learningRate: o.lr, ...beta(o), eps: o.eps, weightDecay: o.weight_decay, mask }),
  lars: (o) => lars({ learningRate: o.lr, momentum: o.momentum, weightDecay: o.weight_decay, trustCoefficient: o.trust_coefficient as number | undefined, mask }),
  adafactor: (o) =>
    adafactor({
      learningRate: o.lr, relativeStep: o.relative_step as boolean | undefined, clipThreshold: o.clip_threshold as number | undefined,
      eps1: o.eps1 as number | undefined, eps2: o.eps2 as number | undefined, decayPower: o.decay_rate === undefined ? undefined : Math.abs(o.decay_rate as number),
    }),
  muon: (o) => muon({ learningRate: o.lr, momentum: o.momentum, nesterov: o.nesterov as boolean | undefined, weightDecay: o.weight_decay, auxLearningRate: o.aux_lr as number }),
  adan: (o) => adan({ learningRate: o.lr, ...beta(o), eps: o.eps, weightDecay: o.weight_decay, mask }),
  schedule_free_sgd: (o) => scheduleFreeSgd({ learningRate: o.lr, beta: o.beta as number | undefined, weightDecay: o.weight_decay, warmupSteps: o.warmup_steps as number | undefined, mask }),
  schedule_free_adamw: (o) =>
    scheduleFreeAdamW({ learningRate: o.lr, beta: o.beta as number | undefined, b2: beta(o).b2, eps: o.eps, weightDecay: o.weight_decay, warmupSteps: o.warmup_steps as number | undefined, mask }),
  sgd_lr_in_buffer: (o) => chain(scaleByLearningRate(o.lr), scaleByMomentum({ momentum: o.momentum })),
  lookahead: (o) => lookahead({ inner: innerOf(o), k: o.k as number | undefined, alpha: o.alpha as number | undefined }),
  sam: (o) => sam({ inner: innerOf(o), rho: o.rho as number | undefined, adaptive: o.adaptive as boolean | undefined }),
};

/** Algorithms whose reported weights are those to evaluate, not those where the gradient is taken. */
const EVALUATED = new Set(['schedule_free_sgd', 'schedule_free_adamw', 'sutskever_nesterov']);

function innerOf({ inner, inner_hyper }: Options): Transformation {
  return transformationOf(inner as string, inner_hyper as Options);
}

function transformationOf(algorithm: string, options: Options): Transformation {
  const make = Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined;
  if (!make) throw new Error(`'${algorithm}' is not a known algorithm`);
  return make(options);
}

interface Group {
  readonly params: readonly string[];
  readonly [option: string]: unknown;
}

/** The whole transformation of a case: groups with options of their own, and a learning rate that changes in mid-run. */
function wholeOf({ algorithm, hyper, inner, inner_hyper, paramGroups, lrAtStep }: GoldenCase): Transformation {
  const options = { ...hyper, ...(inner ? { inner, inner_hyper } : {}) } as unknown as Options;
  const changes = Object.entries((lrAtStep ?? {}) as Record<string, number>).sort(([a], [b]) => Number(a) - Number(b));
  const lr = changes.length > 0 ? piecewise({ boundaries: changes.map(([at]) => Number(at)), values: [options.lr as number, ...changes.map(([, value]) => value)] }) : options.lr;
  if (!paramGroups) return transformationOf(algorithm!, { ...options, lr });
  return chain(...(paramGroups as readonly Group[]).map(({ params, ...own }) => masked(transformationOf(algorithm!, { ...options, lr, ...own } as Options), params)));
}

function run(golden: GoldenCase, engine: Engine, file: GoldenFile): readonly Comparison[] {
  const problem = problemOf(file.problems![golden.problem as string]);
  const expected = golden.float64 as { readonly at: readonly number[]; readonly params: readonly Readonly<Record<string, unknown>>[]; readonly lossBeforeStep?: readonly number[] };
  const training = trainer(engine, wholeOf(golden), infosOf(problem.shapes), problem.start);
  const comparisons: Comparison[] = [];
  const losses: number[] = [];
  const compareAt = (done: number): void => {
    const i = expected.at.indexOf(done);
    if (i < 0) return;
    const params = EVALUATED.has(golden.algorithm!) && done > 0 ? training.evaluationParams() : training.params();
    const actual = Object.fromEntries([...params].map(([name, values]) => [name, nest(values, problem.shapes.get(name)!)]));
    comparisons.push({ what: `params after ${done} steps`, actual, expected: expected.params[i] });
  };
  try {
    compareAt(0);
    for (let step = 0; step < (golden.steps as number); step++) {
      let first = true;
      training.step(step, (params) => {
        const { loss, gradients } = problem.evaluate(params, step);
        if (first && loss !== undefined) losses.push(loss);
        first = false;
        return gradients;
      });
      compareAt(step + 1);
    }
  } finally {
    training.close();
  }
  if (expected.lossBeforeStep && engine.precision === 'float64') {
    comparisons.push({ what: 'losses', actual: expected.lossBeforeStep.map((_, i) => losses[expected.at[i]]), expected: expected.lossBeforeStep });
  }
  return comparisons;
}

export const optimizers: Family = Object.fromEntries(Object.keys(ALGORITHMS).map((algorithm) => [algorithm, run]));
