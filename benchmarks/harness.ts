/** What the benchmarks share: sides that take turns, medians with their spread, and who ran it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';

/** One measurement: so many units in so many seconds of the clock and of all processor cores. */
export interface Measured {
  readonly units: number;
  readonly wall: number;
  readonly cpu: number;
}

/** A contestant. */
export interface Side {
  readonly name: string;
  /** Works on a case for about so many seconds. */
  measure(benchCase: string, seconds: number): Promise<Measured>;
  close(): void;
}

export interface Ratio {
  /** Ours over theirs, median over rounds, per second of the clock and per second of processor time. */
  readonly wall: number;
  readonly cpu: number;
  /** Quartiles of `wall`. */
  readonly spread: readonly [number, number];
}

export interface Row {
  readonly case: string;
  readonly side: string;
  /** Median per second of the clock, and per second of processor time. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly ratioTo: Readonly<Record<string, Ratio>>;
}

export interface Report {
  readonly question: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly object[];
  /** Peers that are not installed, with a sentence each. */
  readonly skipped?: readonly string[];
}

export const quantile = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low);
};
export const median = (values: readonly number[]): number => quantile(values, 0.5);
export const rounded = (x: number): number => Number(x.toPrecision(4));

/** Runs all sides in turn, `rounds` times, on each case. */
export async function takeTurns(cases: readonly string[], sides: (benchCase: string) => readonly Side[], { rounds, seconds }: { rounds: number; seconds: number }, say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const benchCase of cases) {
    const present = sides(benchCase);
    const results = present.map((): Measured[] => []);
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < present.length; i++) results[i].push(await present[i].measure(benchCase, seconds));
    }
    const rate = (i: number, by: 'wall' | 'cpu'): number[] => results[i].map((m) => m.units / m[by]);
    const made = present.map((side, i): Row => ({
      case: benchCase,
      side: side.name,
      perSecond: rounded(median(rate(i, 'wall'))),
      perCpuSecond: rounded(median(rate(i, 'cpu'))),
      ratioTo: Object.fromEntries(present.flatMap((other, j) => {
        if (i === j) return [];
        const wall = results[i].map((m, round) => m.units / m.wall / (results[j][round].units / results[j][round].wall));
        const cpu = results[i].map((m, round) => m.units / m.cpu / (results[j][round].units / results[j][round].cpu));
        return [[other.name, { wall: rounded(median(wall)), cpu: rounded(median(cpu)), spread: [rounded(quantile(wall, 0.25)), rounded(quantile(wall, 0.75))] }]];
      })),
    }));
    for (const row of made) say(`${row.case.padEnd(10)} ${row.side.padEnd(28)} ${String(row.perSecond).padStart(9)} /s ${String(row.perCpuSecond).padStart(9)} /cpu-s`);
    rows.push(...made);
  }
  return rows;
}

/** A side in a process of its own that answers one line of JSON with another. */
export function processSide(name: string, command: string, args: readonly string[], env: Record<string, string> = {}): Side {
  let child: ChildProcess | undefined;
  let answers: AsyncIterator<string> | undefined;
  const start = (): void => {
    child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
    answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  };
  return {
    name,
    measure: async (benchCase, seconds) => {
      if (!child) start();
      child!.stdin!.write(`${JSON.stringify({ case: benchCase, seconds })}\n`);
      const { value, done } = await answers!.next();
      if (done) throw new Error(`${name}: its process ended`);
      return JSON.parse(value) as Measured;
    },
    close: () => void child?.kill(),
  };
}

/** Serves `processSide`. */
export async function serve(measure: (benchCase: string, seconds: number) => Promise<Measured>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { case: benchCase, seconds } = JSON.parse(line) as { case: string; seconds: number };
    process.stdout.write(`${JSON.stringify(await measure(benchCase, seconds))}\n`);
  }
}

/** Repeats `work` for about so many seconds; `work(n)` does n units. */
export async function repeat(work: (n: number) => void | Promise<void>, seconds: number): Promise<Measured> {
  await work(1);
  let start = performance.now();
  await work(1);
  const each = performance.now() - start;
  if (each < seconds * 100) await work(5);
  const units = Math.max(1, Math.ceil((seconds * 1000) / each));
  const cpu = process.cpuUsage();
  start = performance.now();
  await work(units);
  const wall = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  return { units, wall, cpu: (used.user + used.system) / 1e6 };
}

export const machine = (): string => {
  const model = existsSync('/proc/cpuinfo') ? /model name\s*: (.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] : cpus()[0]?.model;
  return `${cpus().length} x ${model ?? 'unknown processor'}, ${process.platform} ${process.arch}`;
};

export function versions(...packages: readonly string[]): Record<string, string> {
  const require = createRequire(`${process.cwd()}/package.json`);
  return {
    node: process.version,
    v8: process.versions.v8,
    ...Object.fromEntries(packages.map((name) => [name, (require(`${name}/package.json`) as { version: string }).version])),
  };
}
