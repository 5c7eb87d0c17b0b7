/** What a helper thread works on. */
export interface HelperWork {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of SPILL_BYTES of its own. */
  readonly spill: number;
  /** Address of the two words of the gate where all threads meet, and how many they are. */
  readonly gate: number;
  readonly parts: number;
  /** Address of two words: where its list begins and where it ends. */
  readonly control: number;
  /** Two words: 1 once the helpers may go to the gate, and how many of them have left. */
  readonly state: Int32Array;
}

/**
 * What a helper does: it says that it is there and waits to be let in; then it waits at the gate, runs its list of the program,
 * and waits again. It never returns to its event loop, and ends at a list that is empty. Stands alone, because its source is what
 * some threads are started with.
 */
export function help({ module, memory, spill, gate, parts, control, state }: HelperWork, loaded: () => void): void {
  const { useSpill, barrier, run } = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<string, (...words: readonly number[]) => void>;
  loaded();
  Atomics.wait(state, 0, 0);
  useSpill(spill);
  const words = new Int32Array(memory.buffer, control, 2);
  for (;;) {
    barrier(gate, parts);
    if (words[1] === 0) break;
    run(words[0], words[1]);
  }
  Atomics.add(state, 1, 1);
  Atomics.notify(state, 1);
}
