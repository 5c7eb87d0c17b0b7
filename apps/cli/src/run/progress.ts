import { SingleBar } from 'cli-progress';
import type { RunEvent } from '@gradstream/protocol';

/** Shows how far a run is: a bar with the time left on a terminal, a line for each evaluation elsewhere. */
export interface Progress {
  next(event: RunEvent): void;
  /** A line of its own, above the bar. */
  say(line: string): void;
  stop(): void;
}

const brief = (value: number | undefined): string =>
  value === undefined ? '-' : !Number.isFinite(value) ? String(value) : Math.abs(value) >= 0.001 || value === 0 ? value.toFixed(4) : value.toExponential(2);

/** Seconds as people say them: `45 s`, `3 min 20 s`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3600 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Counts examples and time, evaluations left out of neither. */
class Meter {
  private readonly started = performance.now();
  private examples = 0;
  private first = 0;
  private last = 0;
  total?: number;
  lossMean?: number;
  evaluation = '';
  private taken = 0;

  step(event: Extract<RunEvent, { type: 'step' }>): void {
    if (this.taken === 0) this.first = event.step;
    this.taken++;
    this.last = event.step;
    this.examples += event.size;
    this.total = event.totalSteps;
    this.lossMean = event.metrics['train/lossMean'];
  }
  get seconds(): number {
    return (performance.now() - this.started) / 1000;
  }
  get rate(): number {
    return this.examples / this.seconds;
  }
  get left(): number {
    return this.total === undefined ? NaN : (this.seconds / Math.max(1, this.last - this.first + 1)) * (this.total - this.last - 1);
  }
}

/** Progress on standard error; `quiet` shows nothing. */
export function progress({ quiet = false, stream = process.stderr as NodeJS.WriteStream } = {}): Progress {
  if (quiet) return { next: () => undefined, say: () => undefined, stop: () => undefined };
  const meter = new Meter();
  return stream.isTTY ? bar(meter, stream) : lines(meter, stream);
}

function lines(meter: Meter, stream: NodeJS.WritableStream): Progress {
  const say = (line: string) => void stream.write(`${line}\n`);
  return {
    next: (event) => {
      if (event.type === 'step') meter.step(event);
      else if (event.type === 'evaluation') {
        const values = Object.entries(event.metrics).map(([name, value]) => `${name} ${brief(value)}`).join('  ');
        say(`epoch ${event.epoch + 1}  step ${event.step + 1}${meter.total === undefined ? '' : `/${meter.total}`}  ${Math.round(meter.rate)} examples/s  train/lossMean ${brief(meter.lossMean)}  ${values}  ${duration(meter.left)} left`);
      } else say(`stopped after step ${event.step + 1}: ${event.reason}`);
    },
    say,
    stop: () => undefined,
  };
}

function bar(meter: Meter, stream: NodeJS.WriteStream): Progress {
  const single = new SingleBar({ stream, format: ' {bar} {percentage}% | epoch {epoch} | step {value}{of} | {rate} examples/s | loss {loss} | {evaluation}{left} left', barCompleteChar: '█', barIncompleteChar: '░', barsize: 24, hideCursor: true, fps: 8, gracefulExit: false, clearOnComplete: false, linewrap: false });
  let running = false;
  const say = (line: string) => {
    if (running) stream.write('\r\x1b[K');
    stream.write(`${line}\n`);
  };
  return {
    next: (event) => {
      if (event.type === 'stop') return say(`stopped after step ${event.step + 1}: ${event.reason}`);
      if (event.type === 'evaluation') {
        const accuracy = Object.entries(event.metrics).filter(([name]) => !name.startsWith('train/'));
        meter.evaluation = `${accuracy.map(([name, value]) => `${name} ${brief(value)}`).join(' | ')} | `;
        return;
      }
      meter.step(event);
      const shown = { epoch: event.epoch + 1, of: meter.total === undefined ? '' : `/${meter.total}`, rate: Math.round(meter.rate), loss: brief(meter.lossMean), evaluation: meter.evaluation, left: duration(meter.left) };
      if (!running) {
        single.start(meter.total ?? event.step + 1, event.step + 1, shown);
        running = true;
      } else single.update(event.step + 1, shown);
    },
    say,
    stop: () => {
      if (running) single.stop();
      running = false;
    },
  };
}
