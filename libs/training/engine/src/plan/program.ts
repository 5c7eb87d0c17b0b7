import { ACTIVATIONS, BIAS, MASK, RELU } from '../kernels/flags.ts';
import type { NativeGemm } from '../native/blas.ts';
import type { StepPart } from '../trainer.ts';
import type { Arena, Block } from './arena.ts';
import { KERNELS, OPCODES, type KernelName } from './opcodes.ts';

/** From so many multiplications on a product is worth a native call. */
const NATIVE_FROM = 1 << 17;

/** Instructions in memory. */
interface Span {
  readonly at: number;
  readonly end: number;
}

/** Instructions, or a native call between them. */
type Item = Span | (() => void);

/** Bytes of a barrier's instruction. */
const BARRIER_BYTES = 8 + 4 * KERNELS.barrier.arguments;

/** A place in the first thread's list: words and native calls before it. */
interface Place {
  readonly word: number;
  readonly natives: number;
}

/** A product and what happens to it on its way to memory; see `assembly/gemm.ts`. */
export interface Gemm {
  readonly transA?: boolean;
  readonly transB?: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: number;
  readonly lda: number;
  readonly b: number;
  readonly ldb: number;
  readonly c: number;
  readonly flags?: number;
  readonly bias?: number;
  readonly mask?: number;
  /** Asked for only where the product is not native. */
  scratch(): number;
}

/** A list of kernel calls for each of the threads that carry it out together (`assembly/program.ts`). */
export class Program {
  private readonly words: number[][];
  private readonly floats: Set<number>[];
  private block?: Block;
  private readonly natives: { readonly word: number; readonly call: () => void }[] = [];
  private spans: Span[] = [];
  private between: (readonly Span[])[] = [];
  /** Words of each list at which its barriers stand. */
  private readonly cuts: number[][];
  /** Address of the two words of its barriers. */
  readonly gate: number;
  private readonly marks: (Place & { readonly part: StepPart })[] = [];

  /** @param parts threads that share the work; with one there are no barriers */
  constructor(
    private readonly arena: Arena,
    readonly parts: number,
    allocate: (bytes: number) => number,
    private readonly native?: NativeGemm,
  ) {
    this.words = Array.from({ length: parts }, () => []);
    this.floats = Array.from({ length: parts }, () => new Set());
    this.cuts = Array.from({ length: parts }, () => []);
    this.gate = allocate(8);
  }

  /** Adds a call to one thread's list. */
  call(part: number, kernel: KernelName, ...values: readonly number[]): void {
    const { arguments: count, floats } = KERNELS[kernel];
    if (values.length !== count) throw new Error(`${kernel} takes ${count} arguments, not ${values.length}`);
    const words = this.words[part];
    words.push(OPCODES[kernel], 8 + 4 * count);
    values.forEach((value, i) => {
      if ((floats as readonly number[]).includes(i)) this.floats[part].add(words.length);
      words.push(value);
    });
  }

  /** C[m, n] = op(A)·op(B) with bias, relu or mask; C's rows lie side by side. */
  gemm(part: number, { transA = false, transB = false, m, n, k, a, lda, b, ldb, c, flags = 0, bias = 0, mask = 0, scratch }: Gemm): void {
    if (!this.native || m * n * k < NATIVE_FROM) {
      this.call(part, 'gemm', Number(transA), Number(transB), m, n, k, a, lda, b, ldb, c, n, flags, bias, mask, scratch());
      return;
    }
    this.natives.push({ word: this.words[part].length, call: this.native(transA, transB, m, n, k, a, lda, b, ldb, c, n) });
    if (flags & BIAS) this.call(part, 'addBias', c, m, n, bias);
    if (flags & RELU) this.call(part, 'activate', ACTIVATIONS.relu, c, m * n, c);
    if (flags & MASK) this.call(part, 'gateInto', c, mask, m * n, c);
  }

  /** The first thread alone. */
  once(kernel: KernelName, ...values: readonly number[]): void {
    this.call(0, kernel, ...values);
  }

  /** Splits `total` rows between the threads, at multiples of `grain`. */
  split(total: number, grain: number, emit: (part: number, first: number, end: number) => void): void {
    const share = Math.ceil(total / grain / this.parts) * grain;
    for (let part = 0; part < this.parts; part++) {
      const first = Math.min(total, part * share);
      const end = Math.min(total, first + share);
      if (end > first) emit(part, first, end);
    }
  }

  /** All threads have done what stands above before any goes on. */
  barrier(): void {
    if (this.parts === 1) return;
    for (let part = 0; part < this.parts; part++) {
      this.cuts[part].push(this.words[part].length);
      this.call(part, 'barrier', this.gate, this.parts);
    }
  }

  /** Puts the lists into memory. */
  seal(): void {
    this.block = this.arena.allocate(this.words.reduce((sum, { length }) => sum + length * 4, 0));
    let { at } = this.block;
    this.spans = this.words.map((words, part) => {
      const span = { at, end: at + words.length * 4 };
      const ints = this.arena.ints(at, words.length);
      const floats = this.arena.floats(at, words.length);
      words.forEach((word, i) => {
        if (this.floats[part].has(i)) floats[i] = word;
        else ints[i] = word;
      });
      at = span.end;
      return span;
    });
    this.between = this.cuts.map((cuts, part) => {
      const ends = cuts.map((word) => this.spans[part].at + 4 * word);
      return ends.map((end, i) => ({ at: i === 0 ? this.spans[part].at : ends[i - 1] + BARRIER_BYTES, end }));
    });
  }

  /** Where a thread's list stands. */
  span(part: number): Span {
    return this.spans[part];
  }

  /** A thread's list from barrier to barrier, without them; the last instruction of a list is a barrier. */
  stretches(part: number): readonly Span[] {
    return this.between[part];
  }

  /** What was added since the last part belongs to this one. */
  ends(part: StepPart): void {
    this.marks.push({ part, ...this.here() });
  }

  /** The first thread's list, broken where native calls stand. */
  items(from: Place = { word: 0, natives: 0 }, to: Place = this.here()): readonly Item[] {
    const { at } = this.spans[0];
    const natives = this.natives.slice(from.natives, to.natives);
    const cuts = [from, ...natives, to].map(({ word }) => at + 4 * word);
    return [
      ...natives.flatMap(({ call }, i): Item[] => [{ at: cuts[i], end: cuts[i + 1] }, call]),
      { at: cuts.at(-2)!, end: cuts.at(-1)! },
    ].filter((item) => typeof item === 'function' || item.end > item.at);
  }

  /** The same, part by part. */
  sections(): readonly { readonly part: StepPart; readonly items: readonly Item[] }[] {
    return this.marks.map((mark, i) => ({ part: mark.part, items: this.items(this.marks[i - 1], mark) }));
  }

  /** Where the first thread's list ends so far. */
  private here(): Place {
    return { word: this.words[0].length, natives: this.natives.length };
  }

  release(): void {
    if (this.block) this.arena.release(this.block);
  }
}
