/** A file of a data set: where it comes from and how it is told from a broken one. */
export interface Download {
  /** Name in the data set's folder. */
  readonly file: string;
  readonly url: string;
  /** SHA-256, hex; undefined where none is known, and the caller must give one. */
  readonly sha256?: string;
  /** Whether the digest is of the uncompressed bytes. */
  readonly uncompressed?: boolean;
  /** Files to take out of a tar archive; it is removed afterwards. */
  readonly members?: readonly string[];
}

const idx = (from: string, digests: Readonly<Record<string, string>>): readonly Download[] =>
  Object.entries(digests).map(([file, sha256]) => ({ file: `${file}.gz`, url: `${from}${file}.gz`, sha256, uncompressed: true }));

const sklearn = 'https://raw.githubusercontent.com/scikit-learn/scikit-learn/1.2.1/sklearn/datasets/data/';

/** The data sets that can be downloaded, by name. */
export const catalogue: Readonly<Record<string, readonly Download[]>> = {
  mnist: idx('https://storage.googleapis.com/cvdf-datasets/mnist/', {
    'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  }),
  'fashion-mnist': idx('https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/', {
    'train-images-idx3-ubyte': 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'train-labels-idx1-ubyte': 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    't10k-images-idx3-ubyte': '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    't10k-labels-idx1-ubyte': '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  }),
  'cifar-10': [{
    file: 'cifar-10-binary.tar.gz',
    url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
    sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
    members: ['data_batch_1.bin', 'data_batch_2.bin', 'data_batch_3.bin', 'data_batch_4.bin', 'data_batch_5.bin', 'test_batch.bin'],
  }],
  'california-housing': [{ file: 'california_housing.csv', url: 'https://raw.githubusercontent.com/ageron/handson-ml2/master/datasets/housing/housing.csv', sha256: '8a3727f4cf54ac1a327f69b1d5b4db54c5834ea81c6e4efc0d163300022a685e' }],
  'breast-cancer': [{ file: 'breast_cancer.csv', url: `${sklearn}breast_cancer.csv`, sha256: 'fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed' }],
  iris: [{ file: 'iris.csv', url: `${sklearn}iris.csv`, sha256: 'f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449' }],
  wine: [{ file: 'wine_data.csv', url: `${sklearn}wine_data.csv`, sha256: '10e8a802908b34f86e5da8ce962f3c806694bc98450a18f61851af59f324bede' }],
  diabetes: [
    { file: 'diabetes_data_raw.csv.gz', url: `${sklearn}diabetes_data_raw.csv.gz`, sha256: 'ec2683754c379fdffc39f53922c475eff67e2fb9c94c7c27207b7c4371d51726', uncompressed: true },
    { file: 'diabetes_target.csv.gz', url: `${sklearn}diabetes_target.csv.gz`, sha256: '244713a551f62a291a354212d8a048adec6cb1244b2bc44e66a0698f5006d26d', uncompressed: true },
  ],
  tinyshakespeare: [{ file: 'tinyshakespeare.txt', url: 'https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt', sha256: '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed' }],
};
