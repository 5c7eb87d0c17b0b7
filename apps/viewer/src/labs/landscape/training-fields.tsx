import { bounds, type TrainSettings } from '../../train/settings.model.ts';
import { useWords } from '../../words/words.tsx';
import { labActivations, labData, labOptimizers } from './landscape.settings.ts';

interface FieldProps {
  readonly label: string;
  readonly value: string | number;
  readonly onChange: (text: string) => void;
  readonly hint?: string;
}

/** A field that takes its text when it is left or Enter is pressed; what was not taken stands there again as it was. */
export function TextField({ label, value, onChange, hint }: FieldProps) {
  return (
    <label title={hint}>{label}
      <input type="text" inputMode="decimal" key={String(value)} defaultValue={value} onBlur={(event) => {
        if (event.target.value === String(value)) return;
        onChange(event.target.value.trim());
        event.target.value = String(value);
      }} onKeyDown={(event) => { if (event.key === 'Enter') event.currentTarget.blur(); }} />
    </label>
  );
}

export function ChoiceField<T extends string>({ label, value, names, said, onChange }: { readonly label: string; readonly value: T; readonly names: readonly T[]; readonly said: (name: T) => string; readonly onChange: (name: T) => void }) {
  return <label>{label}<select value={value} onChange={(event) => onChange(event.target.value as T)}>{names.map((name) => <option key={name} value={name}>{said(name)}</option>)}</select></label>;
}

/** The network of a lab and how it is trained. @param without fields that the lab has in another place, or fixes */
export function TrainingFields({ training, without = [], set }: { readonly training: TrainSettings; readonly without?: readonly ('batch' | 'activation')[]; readonly set: (part: Readonly<Record<string, string | undefined>>) => void }) {
  const { train: words } = useWords();
  const itself = (name: string) => name;
  return (
    <>
      <ChoiceField label={words.data} value={training.data as (typeof labData)[number]} names={labData} said={(name) => words.dataNames[name]} onChange={(data) => set({ data, hidden: undefined, rate: undefined, batch: undefined, small: undefined, large: undefined, epochs: undefined, cell: undefined })} />
      <TextField label={words.hidden} value={training.hidden.join(', ')} hint={words.hiddenHint} onChange={(hidden) => set({ hidden: hidden.replaceAll(' ', '') })} />
      {!without.includes('activation') && <ChoiceField label={words.activation} value={training.activation as (typeof labActivations)[number]} names={labActivations} said={itself} onChange={(activation) => set({ activation })} />}
      <ChoiceField label={words.optimizer} value={training.optimizer as (typeof labOptimizers)[number]} names={labOptimizers} said={itself} onChange={(optimizer) => set({ optimizer })} />
      <TextField label={words.rate} value={training.learningRate} hint={words.outOf(...bounds.learningRate)} onChange={(rate) => set({ rate })} />
      {!without.includes('batch') && <TextField label={words.batchSize} value={training.batchSize} hint={words.outOf(1, 400)} onChange={(batch) => set({ batch })} />}
      <TextField label={words.epochs} value={training.epochs} hint={words.outOf(1, 400)} onChange={(epochs) => set({ epochs })} />
      <TextField label={words.seed} value={training.seed} onChange={(seed) => set({ seed })} />
    </>
  );
}
