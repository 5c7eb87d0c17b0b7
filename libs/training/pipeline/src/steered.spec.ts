import '@tensorflow/tfjs';
import { filter, firstValueFrom, map, NEVER, Subject, tap, throwError, toArray, type Observable } from 'rxjs';
import { accuracy, softmaxCrossEntropy } from '@gradstream/losses';
import { mlp } from '@gradstream/models';
import { adam } from '@gradstream/optimizers';
import type { RunEvent } from '@gradstream/protocol';
import { batches, checkpointOf, evaluate, forward, keep, loss, metrics, optimize, RUN, steered, type Checkpoint, type Live, type Told, type WeightsStore } from './index.ts';
import { data, onCpu, steps$, tensors } from './small-run.fixture.ts';

beforeAll(onCpu);
afterEach(() => expect(tensors()).toBe(0));

/** Somebody who tells a run things, and notes its answers. */
function hand() {
  const commands$ = new Subject<Told>();
  const answers: string[] = [];
  return {
    commands$,
    answers,
    tell: (command: Told['command'], path?: string, value?: number) => commands$.next({
      command, path, value,
      applied: ({ step, old }) => answers.push(`${command} at ${step}${old === undefined ? '' : ` was ${old}`}`),
      refused: (reason) => answers.push(`${command} refused: ${reason}`),
    }),
  };
}
/** Does something when the event of a step has come. */
const at = (step: number, act: () => void) => tap<RunEvent & Live>((event) => {
  if (event.type === 'step' && event.step === step) act();
});
const types = (events: readonly RunEvent[]) => events.map(({ type, step }) => `${type} ${step}`);
const all = <T>(of$: Observable<T>) => firstValueFrom(of$.pipe(toArray()));
const turns = async (n = 20): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setTimeout(resolve, 1));
};

test('stop ends it gracefully: the last weights are evaluated and kept', async () => {
  const { commands$, tell, answers } = hand();
  const store: WeightsStore = {};
  const events = await all(steps$({ epochs: 9 }).pipe(steered(commands$), at(3, () => tell('stop')), evaluate(data.validation), keep(store)));
  expect(types(events)).toEqual(['step 0', 'step 1', 'step 2', 'evaluation 2', 'step 3', 'stop 3', 'evaluation 3']);
  expect(events[5]).toMatchObject({ reason: 'it was told to stop', told: true });
  expect([answers, store.weights?.size]).toEqual([['stop at 3'], 4]);
});

test('pause holds it, step takes one step, resume goes on', async () => {
  const { commands$, tell, answers } = hand();
  const seen: number[] = [];
  const ended = all(steps$({ epochs: 3 }).pipe(steered(commands$), at(2, () => tell('pause')), tap(({ step }) => seen.push(step))));
  await turns();
  expect(seen).toEqual([0, 1, 2]);
  tell('step');
  tell('step');
  await turns();
  expect(seen).toEqual([0, 1, 2, 3, 4]);
  tell('pause');
  tell('resume');
  await ended;
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(answers).toEqual(['pause at 2', 'step at 3', 'step at 3', 'pause at 4', 'resume at 4']);
});

test('resume goes on for good, also where a step was asked for just before', async () => {
  const { commands$, tell } = hand();
  const seen: number[] = [];
  const ended = all(steps$({ epochs: 2 }).pipe(steered(commands$), at(1, () => (['pause', 'step', 'pause', 'resume'] as const).forEach((command) => tell(command))), tap(({ step }) => seen.push(step))));
  await turns();
  expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  await ended;
});

test('stop ends a run that is paused', async () => {
  const { commands$, tell } = hand();
  const ended = all(steps$({ epochs: 3 }).pipe(steered(commands$), at(2, () => tell('pause'))));
  await turns();
  tell('stop');
  expect(types(await ended)).toEqual(['step 0', 'step 1', 'step 2', 'stop 2']);
});

test('a hyper-parameter that was set stands from the next step on; what cannot be set is refused, and the run goes on', async () => {
  const { commands$, tell, answers } = hand();
  const events = await all(steps$({ epochs: 2 }, adam({ learningRate: (step) => 1 / (step + 1) })).pipe(steered(commands$), at(1, () => {
    tell('set', 'learningRate', 0.25);
    tell('set', 'learningRate', -1);
    tell('set', 'speed', 1);
  })));
  expect(events.map((event) => (event.type === 'step' ? event.hyper['learningRate'] : NaN))).toEqual([1, 1 / 2, 0.25, 0.25, 0.25, 0.25]);
  expect(answers).toEqual(['set at 2 was 0.5', expect.stringContaining('set refused: scaleByLearningRate: learningRate must be a number of at least 0, received -1'), expect.stringContaining("set refused: set: 'speed' is not a hyper-parameter")]);
});

test('what is told before the first step waits for it', async () => {
  const { commands$, tell, answers } = hand();
  const ended = all(steps$({ epochs: 9 }).pipe(steered(commands$)));
  tell('stop');
  expect(types(await ended)).toEqual(['step 0', 'stop 0']);
  expect(answers).toEqual(['stop at 0']);
});

test('a run that goes on from a checkpoint keeps what was set, to the same weights', async () => {
  const run$ = (from?: Checkpoint) => batches(data.train, { size: 32, epochs: 3, seed: 5, from: from?.step ?? 0 }).pipe(
    forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-2 }), from ? { resume: from } : {}), metrics(accuracy()));
  const { commands$, tell } = hand();
  const points: Checkpoint[] = [];
  const whole = await all(run$().pipe(steered(commands$), at(1, () => tell('set', 'learningRate', 0.1)), tap((event) => points.push(checkpointOf(event[RUN])))));
  const rest = await all(run$(points[4]).pipe(steered(NEVER)));
  const losses = (events: readonly RunEvent[]) => events.map((event) => (event.type === 'step' ? [event.step, event.metrics['train/loss'], event.hyper['learningRate']] : []));
  expect(losses(rest)).toEqual(losses(whole).slice(5));
  expect(rest.length).toBe(4);
});

test('metrics that lag lose no event to a stop', async () => {
  const { commands$, tell } = hand();
  const lagging$ = batches(data.train, { size: 32, epochs: 9, seed: 5 }).pipe(forward(mlp({ hidden: [8] })), loss(softmaxCrossEntropy()), optimize(adam({ learningRate: 1e-2 })), tap(({ step }) => step === 4 && tell('stop')), metrics({ lag: 8 }, accuracy()));
  const steps = types(await all(lagging$.pipe(steered(commands$))));
  expect(steps).toEqual(['step 0', 'step 1', 'step 2', 'step 3', 'step 4', 'step 5', 'stop 5'].slice(0, steps.length - 1).concat(`stop ${steps.length - 2}`));
  expect(steps.length).toBeGreaterThanOrEqual(6);
});

test('commands that fail, and answers that are not heard, are no end of the run', async () => {
  const problems: string[] = [];
  const failed = await all(steps$().pipe(steered(throwError(() => new Error('no scope')), { onProblem: (message) => problems.push(message) }), map(({ type }) => type)));
  expect([failed.length, problems]).toEqual([6, ['steered: no scope; the run goes on']]);
  const commands$ = new Subject<Told>();
  const deaf = { applied: () => Promise.reject(new Error('away')), refused: () => Promise.reject(new Error('away')) };
  const events = await all(steps$().pipe(steered(commands$), at(1, () => commands$.next({ command: 'set', path: 'b1', value: 0.5, ...deaf })), filter(({ type }) => type === 'step')));
  expect(events.length).toBe(6);
});
