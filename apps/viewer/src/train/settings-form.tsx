import { useState } from 'react';
import { useWords } from '../words/words.tsx';
import type { CsvFile } from './csv-file.ts';
import { activationNames, backendNames, bounds, dataNames, formatSettings, isPlanar, optimizerNames, readHidden, readNumber, startSettings, type TrainSettings } from './settings.model.ts';

interface SettingsFormProps {
  readonly settings: TrainSettings;
  readonly onChange: (given: Readonly<Record<string, string>>) => void;
  /** The file that was chosen or dropped. */
  readonly csv?: CsvFile;
  readonly onFile: (file: File) => void;
}

/** What the next run will be. */
export function SettingsForm({ settings, onChange, csv, onFile }: SettingsFormProps) {
  const words = useWords();
  const set = (part: Partial<TrainSettings>) => onChange(formatSettings({ ...settings, ...part }));
  const number = (key: keyof typeof bounds) => (
    <NumberField key={key} label={words.train[key === 'learningRate' ? 'rate' : key]} name={key} value={settings[key]} onValue={(value) => set({ [key]: value })} />
  );
  return (
    <form className="card settings" aria-label={words.train.settings} onSubmit={(event) => event.preventDefault()}>
      <Choice label={words.train.data} value={settings.data} options={dataNames} names={words.train.dataNames} onValue={(data) => onChange(formatSettings(startSettings(data)))} />
      {isPlanar(settings) && number('noise')}
      {settings.data === 'csv' && (
        <>
          <label className="file" title={words.train.csvHint}>
            <span>{words.train.csv}</span>
            <input type="file" accept=".csv,.tsv,text/csv" onChange={(event) => { if (event.target.files?.[0]) onFile(event.target.files[0]); }} />
          </label>
          <p className="note">{csv ? words.train.csvChosen(csv.name, csv.rows) : words.train.csvHint}</p>
          {csv && <Choice label={words.train.csvTarget} value={settings.target} options={csv.columns} onValue={(target) => set({ target })} />}
        </>
      )}
      <hr />
      <HiddenField key={settings.data} value={settings.hidden} onValue={(hidden) => set({ hidden })} />
      <Choice label={words.train.activation} value={settings.activation} options={activationNames} onValue={(activation) => set({ activation })} />
      {number('dropout')}
      <hr />
      <Choice label={words.train.optimizer} value={settings.optimizer} options={optimizerNames} onValue={(optimizer) => set({ optimizer })} />
      {number('learningRate')}
      {number('batchSize')}
      {number('epochs')}
      {number('l2')}
      <hr />
      {number('seed')}
      <Choice label={words.train.backend} value={settings.backend} options={backendNames} onValue={(backend) => set({ backend })} />
    </form>
  );
}

function Choice<T extends string>({ label, value, options, names, onValue }: { readonly label: string; readonly value: T; readonly options: readonly T[]; readonly names?: Readonly<Record<T, string>>; readonly onValue: (value: T) => void }) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => onValue(event.target.value as T)}>
        {options.map((option) => <option key={option} value={option}>{names?.[option] ?? option}</option>)}
      </select>
    </label>
  );
}

/** A number within its bounds; what is outside is shown as wrong and not taken. */
function NumberField({ label, name, value, onValue }: { readonly label: string; readonly name: keyof typeof bounds; readonly value: number; readonly onValue: (value: number) => void }) {
  const words = useWords();
  const [text, setText] = useState<string>();
  const wrong = text !== undefined && readNumber(name, text) === undefined;
  const [least, greatest] = bounds[name];
  return (
    <label>
      <span>{label}</span>
      <input
        type="text" inputMode="decimal" name={name} value={text ?? String(value)} aria-invalid={wrong} title={wrong ? words.train.outOf(least, greatest) : undefined}
        onChange={(event) => {
          setText(event.target.value);
          const read = readNumber(name, event.target.value);
          if (read !== undefined) onValue(read);
        }}
        onBlur={() => setText(undefined)}
      />
    </label>
  );
}

function HiddenField({ value, onValue }: { readonly value: readonly number[]; readonly onValue: (value: readonly number[]) => void }) {
  const words = useWords();
  const [text, setText] = useState<string>();
  const wrong = text !== undefined && readHidden(text) === undefined;
  return (
    <label title={words.train.hiddenHint}>
      <span>{words.train.hidden}</span>
      <input
        type="text" name="hidden" value={text ?? value.join(', ')} aria-invalid={wrong}
        onChange={(event) => {
          setText(event.target.value);
          const read = readHidden(event.target.value);
          if (read) onValue(read);
        }}
        onBlur={() => setText(undefined)}
      />
    </label>
  );
}
