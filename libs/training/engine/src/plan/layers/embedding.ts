import { floatsOf, gatedCopy, outputOf, type Planner } from '../site.ts';

/** A row of the table for each token. The plan's input holds whole numbers where an embedding comes first. */
export const embedding: Planner = (site, layer, input) => {
  const { program, batch } = site;
  const { vocabulary, units } = layer.layer as unknown as { vocabulary: number; units: number };
  const table = site.param(`${layer.name}/table`);
  const output = outputOf(site, layer, input, { trained: true });
  site.examples((part, first, end) =>
    program.call(part, 'gatherRows', table.at, input.at + floatsOf(first * input.size), (end - first) * input.size, units, output.at + floatsOf(first * output.size)));
  return {
    output,
    backward: (dOut) => {
      site.later(() => program.split(units, 4, (part, first, end) => program.call(part, 'segmentSum', dOut, input.at, batch * input.size, units, vocabulary, first, end, table.gradient)));
      return 0;
    },
  };
};

/** A row of the table for each position, the same in every example. */
export const positionEmbedding: Planner = (site, layer, input) => {
  const { program, batch } = site;
  const table = site.param(`${layer.name}/table`);
  const output = outputOf(site, layer, input, { trained: true });
  site.examples((part, first, end) => {
    for (let example = first; example < end; example++) {
      const offset = floatsOf(example * input.size);
      program.call(part, 'addInto', input.at + offset, table.at, input.size, output.at + offset);
    }
  });
  return {
    output,
    backward: (dOut) => {
      site.later(() => program.split(input.size, 8, (part, first, end) => program.call(part, 'columnSums', dOut, batch, input.size, first, end, table.gradient)));
      return input.differentiable ? gatedCopy(site, dOut, input) : 0;
    },
  };
};
