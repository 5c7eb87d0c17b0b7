/**
 * Runs a list of kernel calls from memory, so that a step is one call from JavaScript however many kernels it has.
 * An instruction is its number, the byte length of the whole instruction, then one 32-bit word per argument; the numbers stand in
 * src/plan/opcodes.ts in the same order.
 */
import { gemm } from './gemm';
import { conv, convKernelGrad, packKernel, packKernelTurned, spread } from './conv';
import { depthwise, depthwiseInputGrad, depthwiseKernelGrad } from './depthwise';
import { averagePool, averagePoolGrad, maxPool, maxPoolGrad } from './pool';
import { columnSums, gatherRows, segmentSum } from './rows';
import { activate, activateGrad } from './activation';
import { addBias, addInto, addPenalties, copyFloats, gateInto, mulInto, unitFromBytes } from './elementwise';
import { dropout, uniforms } from './random';
import { hits, softmaxCrossEntropy, squaredError } from './loss';
import { columnMoments, meanPlaces, meanPlacesGrad, normalizeColumns, normalizeColumnsGrad, normalizeColumnSums, normalizeRows, normalizeRowsGrad, runningMean } from './normalize';
import { normalizeGroups, normalizeGroupsGrad } from './group';
import { attentionWeights, attentionWeightsGrad } from './attention';
import { barrier } from './barrier';

// @ts-ignore: decorator
@inline
function w(at: usize, i: i32): i32 {
  return load<i32>(at + (<usize>i << 2), 8);
}

// @ts-ignore: decorator
@inline
function f(at: usize, i: i32): f32 {
  return load<f32>(at + (<usize>i << 2), 8);
}

/** Runs the instructions in [at, end). */
export function run(at: usize, end: usize): void {
  while (at < end) {
    switch (load<i32>(at)) {
      case 0: gemm(w(at, 0) != 0, w(at, 1) != 0, w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11), w(at, 12), w(at, 13), w(at, 14)); break;
      case 1: conv(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11), w(at, 12), w(at, 13), w(at, 14), w(at, 15), w(at, 16), w(at, 17), w(at, 18), w(at, 19), w(at, 20)); break;
      case 2: convKernelGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11), w(at, 12), w(at, 13), w(at, 14), w(at, 15), w(at, 16), w(at, 17)); break;
      case 3: packKernel(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5)); break;
      case 4: packKernelTurned(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5)); break;
      case 5: spread(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11)); break;
      case 6: depthwise(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11), w(at, 12), w(at, 13), w(at, 14), w(at, 15), w(at, 16), w(at, 17)); break;
      case 7: depthwiseInputGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11), w(at, 12), w(at, 13), w(at, 14), w(at, 15), w(at, 16), w(at, 17)); break;
      case 8: depthwiseKernelGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11), w(at, 12), w(at, 13), w(at, 14), w(at, 15), w(at, 16), w(at, 17), w(at, 18), w(at, 19)); break;
      case 9: averagePool(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11), w(at, 12), w(at, 13)); break;
      case 10: averagePoolGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11), w(at, 12), w(at, 13)); break;
      case 11: maxPool(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11), w(at, 12), w(at, 13), w(at, 14)); break;
      case 12: maxPoolGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6)); break;
      case 13: columnSums(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5)); break;
      case 14: gatherRows(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4)); break;
      case 15: segmentSum(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7)); break;
      case 16: activate(w(at, 0), w(at, 1), w(at, 2), w(at, 3)); break;
      case 17: activateGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4)); break;
      case 18: addBias(w(at, 0), w(at, 1), w(at, 2), w(at, 3)); break;
      case 19: addInto(w(at, 0), w(at, 1), w(at, 2), w(at, 3)); break;
      case 20: addPenalties(w(at, 0), w(at, 1), w(at, 2), f(at, 3), f(at, 4), w(at, 5)); break;
      case 21: copyFloats(w(at, 0), w(at, 1), w(at, 2)); break;
      case 22: gateInto(w(at, 0), w(at, 1), w(at, 2), w(at, 3)); break;
      case 23: mulInto(w(at, 0), w(at, 1), w(at, 2), w(at, 3)); break;
      case 24: unitFromBytes(w(at, 0), w(at, 1), w(at, 2)); break;
      case 25: dropout(w(at, 0), w(at, 1), w(at, 2), f(at, 3), f(at, 4), w(at, 5), w(at, 6), w(at, 7)); break;
      case 26: uniforms(w(at, 0), w(at, 1), w(at, 2), w(at, 3)); break;
      case 27: hits(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6)); break;
      case 28: softmaxCrossEntropy(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), f(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10)); break;
      case 29: squaredError(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8)); break;
      case 30: columnMoments(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6)); break;
      case 31: meanPlaces(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5)); break;
      case 32: meanPlacesGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5)); break;
      case 33: normalizeColumns(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), f(at, 6), w(at, 7), w(at, 8), w(at, 9), w(at, 10)); break;
      case 34: normalizeColumnsGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), f(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11)); break;
      case 35: normalizeColumnSums(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7)); break;
      case 36: normalizeRows(w(at, 0), w(at, 1), w(at, 2), w(at, 3), f(at, 4), w(at, 5), w(at, 6), w(at, 7), w(at, 8), w(at, 9)); break;
      case 37: normalizeRowsGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7)); break;
      case 38: runningMean(w(at, 0), w(at, 1), w(at, 2), f(at, 3), f(at, 4)); break;
      case 39: barrier(w(at, 0), w(at, 1)); break;
      case 40: normalizeGroups(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6) != 0, f(at, 7), w(at, 8), w(at, 9), w(at, 10), w(at, 11), w(at, 12)); break;
      case 41: normalizeGroupsGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), w(at, 5), w(at, 6), w(at, 7) != 0, w(at, 8), w(at, 9), w(at, 10)); break;
      case 42: attentionWeights(w(at, 0), w(at, 1), w(at, 2), w(at, 3), f(at, 4), w(at, 5) != 0, w(at, 6)); break;
      case 43: attentionWeightsGrad(w(at, 0), w(at, 1), w(at, 2), w(at, 3), w(at, 4), f(at, 5), w(at, 6)); break;
      default: unreachable();
    }
    at += load<i32>(at, 4);
  }
}
