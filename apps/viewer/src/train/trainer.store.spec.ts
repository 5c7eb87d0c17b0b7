import type { Checkpoint } from '@gradstream/pipeline';
import type { StepEvent } from '@gradstream/protocol';
import type { Command, Report } from './messages.ts';
import { startSettings } from './settings.model.ts';
import { Trainer, type TrainWorker, valuesOf } from './trainer.store.ts';

const step = (n: number, part: Partial<StepEvent> = {}): StepEvent => ({ type: 'step', step: n, epoch: 0, index: n, batchesPerEpoch: 10, totalSteps: 20, size: 32, wall: 1_000 + 100 * n, metrics: { 'train/loss': 1 / (n + 1) }, hyper: { learningRate: 0.1, b1: 0.9 }, ...part });

class FakeWorker implements TrainWorker {
  readonly commands: Command[] = [];
  ended = false;
  onmessage: ((message: { data: Report }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  postMessage(command: Command) { this.commands.push(command); }
  terminate() { this.ended = true; }
  say(report: Report) { this.onmessage!({ data: report }); }
}

const start = () => {
  const workers: FakeWorker[] = [];
  const trainer = new Trainer(() => {
    workers.push(new FakeWorker());
    return workers.at(-1)!;
  }, '/wasm/');
  trainer.start(startSettings('moons'));
  return { trainer, workers, worker: workers[0] };
};

describe('Trainer', () => {
  it('turns events into curves and says how far the run is', () => {
    const { trainer, worker } = start();
    expect(trainer.value.phase).toBe('starting');
    worker.say({ type: 'backend', name: 'webgl', skipped: [] });
    worker.say({ type: 'events', events: [step(0), step(1), { type: 'evaluation', step: 1, epoch: 0, wall: 1_300, split: 'validation', metrics: { 'validation/loss': 2 }, seconds: 0.1 }] });
    const { phase, curves, step: at, totalSteps, backend } = trainer.value;
    expect([phase, at, totalSteps, backend]).toEqual(['running', 1, 20, 'webgl']);
    expect([...curves.curve('train/loss').y]).toEqual([1, 0.5]);
    expect(curves.names).toEqual(['train/loss', 'learningRate', 'validation/loss']);
  });

  it('marks where the learning rate was touched, one mark for one step', () => {
    const { trainer, worker } = start();
    trainer.setRate(0.2);
    worker.say({ type: 'events', events: [step(4)] });
    trainer.setRate(0.3);
    trainer.setRate(0.31);
    trainer.setRate(0.31);
    expect(worker.commands.filter(({ type }) => type === 'rate')).toEqual([{ type: 'rate', value: 0.2 }, { type: 'rate', value: 0.3 }, { type: 'rate', value: 0.31 }]);
    expect(trainer.value.touches).toEqual([{ x: 4, label: 'learningRate = 0.31' }]);
  });

  it('pauses, walks, goes on and stops', () => {
    const { trainer, worker } = start();
    worker.say({ type: 'events', events: [step(0)] });
    trainer.pause();
    expect(trainer.value.phase).toBe('paused');
    trainer.step();
    worker.say({ type: 'events', events: [step(1)] });
    expect([trainer.value.phase, trainer.value.step]).toEqual(['paused', 1]);
    trainer.play();
    trainer.stop();
    worker.say({ type: 'ended', how: 'stopped' });
    expect(trainer.value.phase).toBe('stopped');
    expect(worker.commands.map(({ type }) => type)).toEqual(['start', 'pause', 'step', 'play', 'stop']);
  });

  it('begins anew with an empty slate and a worker of its own', () => {
    const { trainer, worker, workers } = start();
    worker.say({ type: 'events', events: [step(0)] });
    const { curves } = trainer.value;
    trainer.start(startSettings('digits'), true);
    expect([worker.ended, workers.length, trainer.value.phase, trainer.value.step]).toEqual([true, 2, 'paused', -1]);
    expect(trainer.value.curves).not.toBe(curves);
    expect(workers[1].commands[0]).toMatchObject({ type: 'start', paused: true, spec: { data: { name: 'digits' } } });
  });

  const checkpoint = (at: number): Checkpoint => ({ version: 1, step: at, state: { weights: new Map([['w', { shape: [1], values: Float32Array.of(at) }]]), optimizer: { slots: 'kept' } as never }, memory: {} });

  it('goes on from the last snapshot in a new worker when the graphics context is lost, and says so', () => {
    const { trainer, worker, workers } = start();
    worker.say({ type: 'events', events: [step(0), step(1), step(2), step(3)] });
    worker.say({ type: 'snapshot', checkpoint: checkpoint(2) });
    trainer.setRate(0.5);
    const { curves } = trainer.value;
    worker.say({ type: 'lost', step: 3 });
    expect([worker.ended, trainer.value.lost, trainer.value.curves === curves]).toEqual([true, { step: 3, from: 1 }, true]);
    expect(workers[1].commands[0]).toMatchObject({ type: 'start', resume: { step: 2, state: { optimizer: { slots: 'kept' } } }, rate: 0.5, paused: false });
    // What the old worker may still say is not heard.
    worker.say({ type: 'events', events: [step(19)] });
    workers[1].say({ type: 'events', events: [step(2), step(3), step(4)] });
    expect([trainer.value.phase, trainer.value.step, [...trainer.value.curves.curve('train/loss').x]]).toEqual(['running', 4, [0, 1, 2, 3, 4]]);
  });

  it('begins anew when the context is lost before the first snapshot', () => {
    const { trainer, worker, workers } = start();
    worker.say({ type: 'lost', step: 0 });
    expect([trainer.value.lost, workers[1].commands[0]]).toMatchObject([{ step: 0, from: -1 }, { type: 'start' }]);
    expect(workers[1].commands[0]).not.toHaveProperty('resume');
  });

  it('forks from a snapshot with one change, over the curves of the original', () => {
    const { trainer, worker, workers } = start();
    expect(trainer.fork(startSettings('moons'))).toBe(false);
    worker.say({ type: 'events', events: [step(0), step(1), step(2), step(3)] });
    worker.say({ type: 'snapshot', checkpoint: checkpoint(2) });
    worker.say({ type: 'snapshot', checkpoint: checkpoint(4) });
    const { curves } = trainer.value;
    expect(trainer.fork({ ...startSettings('moons'), learningRate: 1 }, 2)).toBe(true);
    expect(trainer.value).toMatchObject({ original: { after: 1 }, touches: [{ x: 1, label: 'learningRate = 1' }] });
    expect(trainer.value.original!.curves).toBe(curves);
    expect(workers[1].commands[0]).toMatchObject({ resume: { step: 2, state: { optimizer: { slots: 'kept' } } }, spec: { optimizer: { learningRate: 1 } } });
    // Another optimizer begins with a state of its own.
    workers[1].say({ type: 'snapshot', checkpoint: checkpoint(3) });
    trainer.fork({ ...startSettings('moons'), learningRate: 1, optimizer: 'sgd' });
    expect((workers[2].commands[0] as { resume: Checkpoint }).resume.state).not.toHaveProperty('optimizer');
  });

  it('says what went wrong', () => {
    const { trainer, worker } = start();
    worker.say({ type: 'failed', message: 'backend webgl does not start here', input: true });
    expect([trainer.value.phase, trainer.value.message]).toEqual(['failed', 'backend webgl does not start here']);
  });

  it('knows its pace from the times of the events', () => {
    const { trainer, worker } = start();
    for (let n = 0; n < 30; n++) worker.say({ type: 'events', events: [step(n)] });
    expect(trainer.value.stepsPerSecond).toBeCloseTo(10, 5);
    trainer.pause();
    expect(trainer.value.stepsPerSecond).toBeUndefined();
  });
});

describe('valuesOf', () => {
  it('are the metrics and the learning rate that the step used', () => {
    expect(valuesOf(step(0))).toEqual([['train/loss', 1], ['learningRate', 0.1]]);
    expect(valuesOf({ type: 'stop', step: 0, epoch: 0, wall: 0, reason: 'enough' })).toEqual([]);
  });
});
