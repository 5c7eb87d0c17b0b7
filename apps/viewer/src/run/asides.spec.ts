import { imageAt, RunAsides } from './asides.ts';

describe('what a run says beside its numbers', () => {
  it('is kept by name and step, the later of two at a step', () => {
    const asides = new RunAsides();
    for (const step of [5, 1, 5]) asides.addDistribution('weights/b', { step, edges: [0, 1], counts: [step] });
    asides.addDistribution('gradients/a', { step: 0, edges: [0, 1], counts: [1] });
    asides.addImage('batch/after', { step: 3, png: 'x' });
    asides.addImage('batch/before', { step: 3, png: 'y' });
    asides.addImage('batch/before', { step: 1, png: 'z' });
    expect(asides.distributions.map(([name, all]) => `${name} ${all.map(({ step }) => step)}`)).toEqual(['gradients/a 0', 'weights/b 1,5']);
    // Before stands left of after.
    expect(asides.images.map(([name, all]) => `${name} ${all.map(({ step }) => step)}`)).toEqual(['batch/before 1,3', 'batch/after 3']);
    expect([undefined, 0, 2, 9].map((step) => imageAt(asides.images[0][1], step)!.png)).toEqual(['y', 'z', 'z', 'y']);
  });
});
