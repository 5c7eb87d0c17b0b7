/** Where the threads of a plan wait for each other. */

/** Looks so often before it sleeps: about 20 µs. */
const SPINS = 20000;

/**
 * Returns when all `parts` have come. `at` is two words, zero at first: how many have come, and the round.
 * A program of one part has no barriers, so memory that is not shared never waits.
 */
export function barrier(at: usize, parts: i32): void {
  const round = atomic.load<i32>(at, 4);
  if (atomic.add<i32>(at, 1) == parts - 1) {
    atomic.store<i32>(at, 0);
    atomic.store<i32>(at, round + 1, 4);
    atomic.notify(at + 4, parts);
    return;
  }
  for (let i = 0; i < SPINS; i++) if (atomic.load<i32>(at, 4) != round) return;
  while (atomic.load<i32>(at, 4) == round) atomic.wait<i32>(at + 4, round, -1);
}
