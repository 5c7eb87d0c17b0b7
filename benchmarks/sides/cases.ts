/** The models of `bench -- step`, the same on every side. */
export interface StepCase {
  readonly batch: number;
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** Units of dense layers, or the LeNet-like network. */
  readonly hidden?: readonly number[];
}

export const CASES: Readonly<Record<string, StepCase>> = {
  tiny: { batch: 32, inputShape: [2], classes: 2, hidden: [16, 16] },
  mlp32: { batch: 32, inputShape: [784], classes: 10, hidden: [256, 128] },
  mlp128: { batch: 128, inputShape: [784], classes: 10, hidden: [256, 128] },
  mlp512: { batch: 512, inputShape: [784], classes: 10, hidden: [256, 128] },
  cnn64: { batch: 64, inputShape: [28, 28, 1], classes: 10 },
};

/** Numbers that look like data: the same everywhere, nothing to learn by heart. */
export const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898 + ((i * i) % 97)) * 0.5);
