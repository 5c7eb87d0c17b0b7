/**
 * One scheduler for all runs of a process: it works in slices of 4 ms and gives the event loop a turn between them, so a
 * fast step is not slowed by timers and a server in the same process stays responsive. Two runs share a slice in turn.
 */
const SLICE_MS = 4;

/** A clock costs as much as a fiftieth of the shortest step: while parts of the work are shorter than this, it is read after every eighth. */
const SHORT_MS = 0.05;
const SHORT_RUN = 8;

/** When the clock was read last, ms, what makes a date of it, and the parts of work until it is read again. */
let last = 0;
let sinceEpoch = 0;
let left = 0;

/** The date, ms since 1970: in the midst of parts of work that were short so far, that of the clock's last reading before them. */
export const dateOfWork = (): number => (left > 1 ? Math.floor(last + sinceEpoch) : Date.now());

/** A piece of work in small parts: `again` when there is more to do now, `idle` to be left alone until `wake`. */
export type Task = () => 'again' | 'idle' | 'done';

interface Entry {
  readonly task: Task;
  idle: boolean;
}

const entries = new Set<Entry>();
let scheduled = false;

const nextTurn: (work: () => void) => void = (() => {
  if (typeof setImmediate === 'function') return (work) => void setImmediate(work);
  const channel = new MessageChannel();
  const queue: (() => void)[] = [];
  channel.port1.onmessage = () => queue.shift()?.();
  return (work) => {
    queue.push(work);
    channel.port2.postMessage(0);
  };
})();

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  nextTurn(slice);
}

function slice(): void {
  scheduled = false;
  last = performance.now();
  sinceEpoch = Date.now() - last;
  const end = last + SLICE_MS;
  let run = (left = 1);
  let worked = true;
  while (worked) {
    worked = false;
    for (const entry of entries) {
      if (entry.idle) continue;
      const state = entry.task();
      if (state === 'done') entries.delete(entry);
      else if (state === 'idle') entry.idle = true;
      else worked = true;
      if (--left > 0) continue;
      const now = performance.now();
      run = left = now - last < run * SHORT_MS ? SHORT_RUN : 1;
      last = now;
      if (now >= end) {
        // Those not reached come first next time.
        if (state !== 'done') {
          entries.delete(entry);
          entries.add(entry);
        }
        worked = false;
        break;
      }
    }
  }
  left = 0;
  for (const entry of entries) if (!entry.idle) return schedule();
}

/** Adds work; it begins in a later turn, never inside this call. */
export function addTask(task: Task): { wake(): void; remove(): void } {
  const entry: Entry = { task, idle: false };
  entries.add(entry);
  schedule();
  return {
    wake: () => {
      if (!entries.has(entry)) return;
      entry.idle = false;
      schedule();
    },
    remove: () => void entries.delete(entry),
  };
}
