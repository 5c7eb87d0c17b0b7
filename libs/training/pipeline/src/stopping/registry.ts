import { registry } from '@gradstream/numerics';
import { patience } from './patience.ts';
import { generalizationLoss, progressQuotient, successiveRises } from './prechelt.ts';
import type { StoppingRule } from './rule.ts';

/** The stopping rules that documents know by name (kind `stopping`). */
export const stoppingRules = registry<StoppingRule>(patience, generalizationLoss, progressQuotient, successiveRises);
