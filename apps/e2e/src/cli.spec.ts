import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { endAll, folder, gradstream, result, server } from './processes.ts';

afterAll(endAll);

describe('gradstream train', () => {
  test('the same seed gives the same weights with a server, without one, and on another seed others', async () => {
    const running = await server(folder());
    const [alone, again, published, other] = [
      await result('train', 'digits', '--epochs', '3', '--no-server'),
      await result('train', 'digits', '--epochs', '3', '--no-server'),
      await result('train', 'digits', '--epochs', '3', '--server', running.url),
      await result('train', 'digits', '--epochs', '3', '--no-server', '--seed', '8'),
    ];
    expect(again.weightsSha256).toBe(alone.weightsSha256);
    expect(published.weightsSha256).toBe(alone.weightsSha256);
    expect(other.weightsSha256).not.toBe(alone.weightsSha256);
    running.child.kill('SIGTERM');
    await running.ended;
  });

  test.each([1, 2])('%i prefetch workers change nothing', async (workers) => {
    const alone = await result('train', 'digits', '--epochs', '2', '--no-server');
    const ahead = await result('train', 'digits', '--epochs', '2', '--no-server', '--workers', String(workers));
    expect(ahead.weightsSha256).toBe(alone.weightsSha256);
  });

  test('--out keeps a model that stock TensorFlow.js loads, and that predict uses', async () => {
    const out = join(folder(), 'run');
    const trained = await result('train', 'digits', '--no-server', '--out', out);
    expect(trained.metrics['test/accuracy']).toBeGreaterThan(0.95);
    const files = JSON.parse(readFileSync(join(out, 'model', 'model.json'), 'utf8')) as { modelTopology: object; weightsManifest: { weights: never[] }[] };
    const bytes = readFileSync(join(out, 'model', 'weights.bin'));
    const stock = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology: files.modelTopology, weightSpecs: files.weightsManifest.flatMap(({ weights }) => weights), weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer }));
    expect(stock.outputs[0].shape).toEqual([null, 10]);
    const { code, stdout, stderr } = await gradstream('predict', out, 'digits').ended;
    expect(code).toBe(0);
    const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as { prediction: string; target: string });
    const right = lines.filter(({ prediction, target }) => prediction === target).length / lines.length;
    expect(right).toBeCloseTo(trained.metrics['test/accuracy'], 6);
    expect(stderr).toContain(`${lines.length} predictions`);
  });

  test('--resume goes on from the last checkpoint to the weights of the uninterrupted run', async () => {
    const dir = folder();
    const whole = await result('train', 'digits', '--no-server', '--epochs', '12', '--out', join(dir, 'whole'));
    const broken = gradstream('train', 'digits', '--no-server', '--epochs', '12', '--out', join(dir, 'broken'), '--json');
    await broken.seen(/epoch 4 /);
    broken.child.kill('SIGKILL');
    await broken.ended;
    const resumed = await result('train', '--resume', join(dir, 'broken'), '--no-server');
    expect(resumed.weightsSha256).toBe(whole.weightsSha256);
    expect(resumed.steps).toBe(whole.steps);
  });

  test.each([['finished', ['--epochs', '3']], ['stopped early', []]])('--resume of a run that %s, as if it had been killed before its result was kept, gives the same result', async (_, flags) => {
    const out = join(folder(), 'run');
    const whole = await result('train', 'digits', '--no-server', '--out', out, ...flags);
    expect('reason' in whole).toBe(flags.length === 0);
    const again = await result('train', '--resume', out, '--no-server');
    expect([again.weightsSha256, again.steps, again.metrics['test/accuracy']]).toEqual([whole.weightsSha256, whole.steps, whole.metrics['test/accuracy']]);
  });
});

describe('gradstream steer', () => {
  let running: Awaited<ReturnType<typeof server>>;
  beforeAll(async () => { running = await server(folder(), 0, '--control'); });
  afterAll(async () => {
    running.child.kill('SIGTERM');
    await running.ended;
  });
  const steer = (...args: readonly string[]) => gradstream('steer', ...args, '--server', running.url).ended;

  test('pauses a run that trains, changes it, takes one step, lets it go on, and stops it with its weights kept', async () => {
    const dir = folder();
    const out = join(dir, 'run');
    const endless = join(dir, 'endless.yaml');
    writeFileSync(endless, readFileSync(join(__dirname, '..', '..', '..', 'specs', 'digits.yaml'), 'utf8').replace(/^earlyStopping[\s\S]*/m, ''));
    const training = gradstream('train', endless, '--epochs', '5000', '--run', 'steered', '--out', out, '--server', running.url, '--json');
    await training.seen(/epoch 2 /);
    const paused = await steer('steered', 'pause');
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    const at = Number(/^pause at step (\d+)\n$/.exec(paused.stdout)![1]);
    expect((await steer('steered', 'set', 'learningRate', '0.001')).stdout).toMatch(new RegExp(`^set learningRate 0.001 \\(it was [\\d.e-]+\\) at step ${at + 1}\n$`));
    expect((await steer('steered', 'step')).stdout).toBe(`step at step ${at + 1}\n`);
    expect((await steer('steered', 'set', 'b1', '1')).stderr).toMatch(/^gradstream: .*b1 must be in \[0, 0\.99\d*\], received 1\n$/);
    expect((await steer('steered', 'resume')).stdout).toBe(`resume at step ${at + 1}\n`);
    expect((await steer('steered', 'stop')).stdout).toMatch(/^stop at step \d+\n$/);
    const { code, stdout, stderr } = await training.ended;
    const last = JSON.parse(stdout.trim().split('\n').at(-1)!) as { status: string; reason: string; metrics: object };
    expect([code, last.status, last.reason]).toEqual([0, 'stopped', 'it was told to stop']);
    expect(last.metrics).toHaveProperty('test/accuracy');
    expect(stderr).toContain('told to set learningRate 0.001');
    expect(existsSync(join(out, 'model', 'model.json'))).toBe(true);
    const { state, reason } = (await (await fetch(`${running.url}/api/v1/runs/steered`)).json()) as { state: string; reason: string };
    expect([state, reason]).toEqual(['stopped', 'it was told to stop']);
  });

  test.each([
    [['nobody', 'pause'], /there is no run 'nobody'/],
    [['r', 'set', 'learningRate'], /set takes a name and a number, received 'learningRate'/],
    [['r', 'set', 'learningRate', 'fast'], /set takes a name and a number, received 'learningRate' and 'fast'/],
    [['r', 'pause', 'now'], /pause takes nothing more, received 'now'/],
    [['r', 'hurry'], /Allowed choices are pause, resume, step, stop, set/],
  ])('%j is one sentence with exit code 2', async (args, sentence) => {
    const { code, stdout, stderr } = await steer(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
  });
});

describe('gradstream predict', () => {
  test('reads a table like the one a run was trained on, in its own units and by the names of its classes', async () => {
    const dir = folder();
    const file = join(dir, 'flowers.csv');
    const row = (i: number) => `${i % 7},${i % 2 === 0 ? 1 + i / 100 : 5 - i / 100},${i % 2 === 0 ? 'rose' : 'tulip'}`;
    writeFileSync(file, `petals,length,kind\n${Array.from({ length: 80 }, (_, i) => row(i)).join('\n')}\n`);
    const out = join(dir, 'run');
    await result('train', '--data', file, '--no-server', '--out', out, '--epochs', '20');
    writeFileSync(join(dir, 'new.csv'), 'length,petals\n1.2,3\n4.8,2\n');
    const { code, stdout, stderr } = await gradstream('predict', out, join(dir, 'new.csv')).ended;
    expect([code, stderr]).toEqual([0, '2 predictions.\n']);
    expect(stdout.trim().split('\n').map((line) => (JSON.parse(line) as { prediction: string }).prediction)).toEqual(['rose', 'tulip']);
  });
});

describe('gradstream schema', () => {
  test('prints a JSON Schema that names the parts of a document', async () => {
    const { code, stdout } = await gradstream('schema').ended;
    const schema = JSON.parse(stdout) as { $schema: string; properties: Record<string, unknown>; required: string[]; $defs: Record<string, { anyOf: unknown[] }> };
    expect([code, schema.$schema]).toEqual([0, 'https://json-schema.org/draft/2020-12/schema']);
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(['version', 'data', 'model', 'loss', 'optimizer', 'guard', 'budget', 'earlyStopping']));
    expect(schema.required).toEqual(expect.arrayContaining(['version', 'data', 'model', 'loss', 'optimizer']));
    expect(JSON.stringify(schema.$defs['dataset'])).toContain('"const":"california-housing"');
  });
});

describe('gradstream data', () => {
  test('lists what can be fetched and the folder it goes to', async () => {
    const { code, stdout } = await gradstream('data', 'list').ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^fashion-mnist\t4 files from \S+$/m);
    expect(stdout).toMatch(/^cache\t\S+$/m);
  });

  test('an unknown set is refused with the nearest known one, and nothing is created', async () => {
    const dir = join(folder(), 'data');
    const { code, stdout, stderr } = await gradstream('data', 'fetch', 'mnits', '--dir', dir).ended;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^gradstream: .*'mnits'.*did you mean 'mnist'\?/);
    expect(existsSync(dir)).toBe(false);
  });
});

describe('bad input', () => {
  const dir = folder();
  const spec = (text: string) => {
    const path = join(dir, `run-${Math.abs(text.length * 31 + text.charCodeAt(20))}.yaml`);
    writeFileSync(path, text);
    return path;
  };
  const good = readFileSync(join(__dirname, '..', '..', '..', 'specs', 'digits.yaml'), 'utf8');
  mkdirSync(join(dir, 'mnist'));
  writeFileSync(join(dir, 'mnist', 'train-images-idx3-ubyte'), Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3]));
  for (const file of ['train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']) writeFileSync(join(dir, 'mnist', file), Buffer.from([0, 0, 8, 1, 0, 0, 0, 0]));
  writeFileSync(join(dir, 'ragged.csv'), 'a,b,kind\n1,2,x\n3,4\n');
  writeFileSync(join(dir, 'outside.csv'), '1,2,7\n3,4,1\n');

  test.each<readonly [string, readonly string[], RegExp]>([
    ['an unknown run', ['train', 'digit'], /'digit' is not a known run; did you mean 'digits'\?/],
    ['an unknown key', ['train', spec(good.replace('optimizer:', 'optimiser:'))], /run-\d+\.yaml: 'optimiser' is not a part of a run document; did you mean 'optimizer'\?/],
    ['a wrong type', ['train', spec(good.replace('size: 32', 'size: many'))], /batches: size must be a whole number of at least 1, received 'many'/],
    ['a value out of range', ['train', spec(good.replace('alpha: 0.2', 'alpha: -1'))], /augment\[0\]: mixup: alpha must be a number above 0, received -1/],
    ['a missing data file', ['train', 'fashion-mnist-mlp', '--data-dir', dir], /fashion-mnist.*does not exist; 'gradstream data fetch fashion-mnist'/],
    ['a truncated data file', ['train', 'mnist-mlp', '--data-dir', dir], /train-images-idx3-ubyte/],
    ['a ragged row', ['train', '--data', join(dir, 'ragged.csv')], /ragged\.csv, line 3/],
    ['a missing document', ['train', join(dir, 'nothing.yaml')], /nothing\.yaml: there is no such file/],
    ['an unknown flag', ['train', 'digits', '--sede', '1'], /unknown option '--sede'/],
    ['a wrong flag', ['train', 'digits', '--seed', '1.5'], /--seed must be a whole number of at least 0, received '1\.5'/],
    ['a folder without a run', ['train', '--resume', join(dir, 'mnist')], /no run lies there/],
    ['predict without a run', ['predict', join(dir, 'mnist'), 'digits'], /run\.yaml does not exist/],
    ['a server that is not there', ['runs', 'list', '--server', 'http://127.0.0.1:9'], /no metrics server answers at http:\/\/127\.0\.0\.1:9/],
  ])('%s is one sentence with exit code 2, and nothing is created', async (_, args, sentence) => {
    const out = join(dir, 'never');
    const { code, stdout, stderr } = await gradstream(...args, ...(args[0] === 'train' && !args.includes('--resume') ? ['--out', out, '--no-server'] : [])).ended;
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect([code, stdout, existsSync(out)]).toEqual([2, '', false]);
  });
});
