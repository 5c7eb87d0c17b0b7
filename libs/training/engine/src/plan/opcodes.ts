/**
 * The kernels that a program may call, in the order of `assembly/program.ts`: an instruction names its kernel by its place here.
 * The numbers say which arguments are floats (all others are addresses, counts or flags).
 */
export const KERNELS = {
  gemm: { arguments: 15, floats: [] },
  conv: { arguments: 21, floats: [] },
  convKernelGrad: { arguments: 18, floats: [] },
  packKernel: { arguments: 6, floats: [] },
  packKernelTurned: { arguments: 6, floats: [] },
  spread: { arguments: 12, floats: [] },
  depthwise: { arguments: 18, floats: [] },
  depthwiseInputGrad: { arguments: 18, floats: [] },
  depthwiseKernelGrad: { arguments: 20, floats: [] },
  averagePool: { arguments: 14, floats: [] },
  averagePoolGrad: { arguments: 14, floats: [] },
  maxPool: { arguments: 15, floats: [] },
  maxPoolGrad: { arguments: 7, floats: [] },
  columnSums: { arguments: 6, floats: [] },
  gatherRows: { arguments: 5, floats: [] },
  segmentSum: { arguments: 8, floats: [] },
  activate: { arguments: 4, floats: [] },
  activateGrad: { arguments: 5, floats: [] },
  addBias: { arguments: 4, floats: [] },
  addInto: { arguments: 4, floats: [] },
  addPenalties: { arguments: 6, floats: [3, 4] },
  copyFloats: { arguments: 3, floats: [] },
  gateInto: { arguments: 4, floats: [] },
  mulInto: { arguments: 4, floats: [] },
  unitFromBytes: { arguments: 3, floats: [] },
  dropout: { arguments: 8, floats: [3, 4] },
  uniforms: { arguments: 4, floats: [] },
  hits: { arguments: 7, floats: [] },
  softmaxCrossEntropy: { arguments: 11, floats: [6] },
  squaredError: { arguments: 9, floats: [] },
  columnMoments: { arguments: 7, floats: [] },
  meanPlaces: { arguments: 6, floats: [] },
  meanPlacesGrad: { arguments: 6, floats: [] },
  normalizeColumns: { arguments: 11, floats: [6] },
  normalizeColumnsGrad: { arguments: 12, floats: [7] },
  normalizeColumnSums: { arguments: 8, floats: [] },
  normalizeRows: { arguments: 10, floats: [4] },
  normalizeRowsGrad: { arguments: 8, floats: [] },
  runningMean: { arguments: 5, floats: [3, 4] },
  barrier: { arguments: 2, floats: [] },
  normalizeGroups: { arguments: 13, floats: [7] },
  normalizeGroupsGrad: { arguments: 11, floats: [] },
  attentionWeights: { arguments: 7, floats: [4] },
  attentionWeightsGrad: { arguments: 7, floats: [5] },
} as const satisfies Record<string, { readonly arguments: number; readonly floats: readonly number[] }>;

export type KernelName = keyof typeof KERNELS;

export const OPCODES = Object.fromEntries(Object.keys(KERNELS).map((name, i) => [name, i])) as Readonly<Record<KernelName, number>>;
