import { MUTANTS, mutated } from './mutants-optimizers.ts';

describe('mutants of the optimizers', () => {
  it.each(MUTANTS)('$mistake can still be made in the code', (mutant) => {
    expect(mutated(mutant)).toContain(mutant.wrong);
  });
});
