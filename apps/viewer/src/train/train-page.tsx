import type { View } from '../view/view.model.ts';

export default function TrainPage({ view }: { readonly view: View }) {
  return <p>{view.page}</p>;
}
