import { boolean, text, type OptionTable } from '@gradstream/numerics';
import { fromCsv, type CsvOptions, type TableData } from '../csv.ts';
import { dataset, divisionRules, type DataInfo } from '../data.ts';
import type { DivisionOptions } from '../partition.ts';
import { findFile, missing } from './place.ts';
import { readBytes } from './read.ts';

/** Options of the well-known tables. One row in five tests unless told otherwise; there is no official division. */
export interface TableSetOptions extends DivisionOptions {
  /** Folder with the files, or with a folder `tabular` in it. Default `GRADSTREAM_DATA_DIR`, else the cache. */
  readonly dir?: string;
  /** Scales inputs (and targets to predict as numbers) by the rows that train. Default true. */
  readonly standardize?: boolean;
}

const rules: OptionTable<TableSetOptions> = { ...divisionRules, dir: text, standardize: boolean };

type About = Pick<DataInfo, 'about' | 'licence' | 'note'>;
const uci = (cite: string): string => `CC BY 4.0, ${cite}, UCI Machine Learning Repository`;

/** A table that lies in one or more files, side by side. */
const table = <const T extends 'classes' | 'values'>(name: string, files: readonly string[], layout: CsvOptions & { readonly task: T }, about: About) =>
  dataset<TableSetOptions, TableData<T>>(name, rules, async ({ dir, standardize, ...parts }) => {
    const paths = files.map((file) => {
      const path = findFile(dir, ['tabular', name], [file]);
      if (!path) throw missing(name, dir, name, file);
      return path;
    });
    const contents = await Promise.all(paths.map(readBytes));
    const options: CsvOptions = { test: 0.2, stratified: layout.task === 'classes', ...layout, ...(standardize === undefined ? {} : { standardize, standardizeTarget: standardize }), ...parts };
    return fromCsv(contents.length === 1 ? contents[0] : sideBySide(contents), paths[0], options, { dataset: name, ...about }) as unknown as TableData<T>;
  });

/** Iris: 150 flowers, 4 lengths, 3 species. Fisher 1936. */
export const iris = table('iris', ['iris.csv'], {
  task: 'classes', skipLines: 1, header: false, columns: ['sepal_length', 'sepal_width', 'petal_length', 'petal_width', 'species'], classes: ['setosa', 'versicolor', 'virginica'],
}, { about: 'iris flowers, 4 lengths in cm', licence: uci('R. A. Fisher') });

/** Wine: 178 wines, 13 measurements, 3 cultivars. Forina et al. 1991. */
export const wine = table('wine', ['wine_data.csv'], {
  task: 'classes', skipLines: 1, header: false, classes: ['class_0', 'class_1', 'class_2'],
  columns: ['alcohol', 'malic_acid', 'ash', 'alcalinity_of_ash', 'magnesium', 'total_phenols', 'flavanoids', 'nonflavanoid_phenols', 'proanthocyanins', 'color_intensity', 'hue', 'od280_od315', 'proline', 'cultivar'],
}, { about: 'wines of three cultivars, 13 measurements', licence: uci('M. Forina et al.') });

/** Wisconsin diagnostic breast cancer: 569 tumours, 30 measurements, malignant or benign. Wolberg, Mangasarian, Street 1995. */
export const breastCancer = table('breast-cancer', ['breast_cancer.csv'], {
  task: 'classes', skipLines: 1, header: false, classes: ['malignant', 'benign'],
}, { about: 'tumours, 30 measurements of cell nuclei', licence: uci('W. Wolberg, O. Mangasarian, W. Street') });

/** Diabetes: 442 patients, 10 raw features, progression after a year. Efron, Hastie, Johnstone, Tibshirani 2004, "Least Angle Regression". */
export const diabetes = table('diabetes', ['diabetes_data_raw.csv', 'diabetes_target.csv'], {
  task: 'values', header: false, delimiter: ' ', columns: ['age', 'sex', 'bmi', 'bp', 's1', 's2', 's3', 's4', 's5', 's6', 'progression'],
}, { about: 'patients, progression of diabetes after a year', licence: 'published with B. Efron et al. 2004, "Least Angle Regression"' });

/** California housing: 20,640 districts of the 1990 census, median house value. Pace and Barry 1997. */
export const californiaHousing = table('california-housing', ['california_housing.csv'], {
  task: 'values', target: 'median_house_value', categorical: ['ocean_proximity'],
}, { about: 'districts of California in 1990, median house value in dollars', licence: 'R. Pace and R. Barry 1997, StatLib; this edition Apache-2.0', note: 'the target is capped at 500,001; total_bedrooms is missing in 207 rows and stands at its mean there' });

/** Lines of several texts joined by a blank. */
function sideBySide(contents: readonly Uint8Array[]): string {
  const texts = contents.map((bytes) => new TextDecoder().decode(bytes).trim().split('\n'));
  return texts[0].map((line, i) => [line, ...texts.slice(1).map((lines) => lines[i] ?? '')].join(' ')).join('\n');
}
