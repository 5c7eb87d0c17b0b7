import type { Trainer } from '@gradstream/engine';
import type { Examples, Split } from '@gradstream/numerics';
import type { Gallery, Guesses } from './messages.ts';
import { softmax } from './surface.ts';

const shown = 48;

/** The first images of a split, as examples for the model and as pixels for the page. */
export function galleryOf(split: Split): { readonly examples: Examples; readonly images: Gallery } {
  const examples = split.gather(Array.from({ length: Math.min(shown, split.size) }, (_, i) => i));
  const [, height, width] = examples.inputShape;
  return { examples, images: { pixels: Float32Array.from(examples.inputs), height, width, labels: Int32Array.from(examples.targets.values) } };
}

/** What the model takes each image for, and how sure it is. */
export function guess(trainer: Pick<Trainer, 'evaluate'>, { examples }: { readonly examples: Examples }, step: number): Guesses {
  const { width } = examples.targets;
  const probabilities = softmax(trainer.evaluate(examples).outputs, width);
  const labels = new Int32Array(examples.size);
  const confidence = new Float32Array(examples.size);
  for (let i = 0; i < examples.size; i++) {
    for (let c = 0; c < width; c++) {
      if (probabilities[i * width + c] > confidence[i]) {
        confidence[i] = probabilities[i * width + c];
        labels[i] = c;
      }
    }
  }
  return { step, labels, confidence, probabilities };
}
