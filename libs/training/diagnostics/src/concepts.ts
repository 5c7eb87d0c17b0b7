/** What the textbook account of training says, concept by concept: the statement with its source, the recipe that shows it, and what is often said against what holds. */

export interface Concept {
  /** Part of the page's address. */
  readonly id: string;
  readonly name: string;
  /** The recipe that shows it. */
  readonly recipe: string;
  /** What that recipe shows, in a few words. */
  readonly shows: string;
  readonly statement: string;
  readonly source: string;
  /** What is often said. */
  readonly said?: string;
  /** What holds instead. */
  readonly holds?: string;
}

export const concepts: readonly Concept[] = [
  {
    id: 'fitting', name: 'under- and over-fitting', recipe: 'bias-variance', shows: 'error is least at a middle capacity',
    statement: 'A model under-fits when its training error itself is high. It over-fits when test error exceeds training error by much and could be lowered by restricting the fit.',
    source: 'Geman, Bienenstock, Doursat 1992',
    said: 'Past a certain point a model over-fits and fails on the test set.', holds: 'No law: a model that interpolates its data can generalise, and past the interpolation threshold the test error falls again (Belkin et al. 2019).',
  },
  {
    id: 'double-descent', name: 'past the interpolation threshold', recipe: 'double-descent', shows: 'error peaks there and falls again',
    statement: 'Test error peaks where a model has just enough parameters to fit its data, and falls again as it grows further.', source: 'Belkin, Hsu, Ma, Mandal 2019',
  },
  {
    id: 'generalization-gap', name: 'generalization gap', recipe: 'gap-law', shows: '2 sigma^2 p/n, over 2,000 data sets',
    statement: 'The gap is expected minus empirical risk. For least squares with p parameters on n fixed points and noise sigma it is 2 sigma^2 p/n.', source: 'Mallows 1973; Efron 1986',
    said: 'Good generalization means that test and training error are alike.', holds: 'That is a small gap: a constant predictor has none. What counts is the test risk, which is empirical risk plus gap.',
  },
  {
    id: 'gap-live', name: 'generalization gap, live', recipe: 'gap-live', shows: 'test loss rises while test error stays',
    statement: 'A network that fits its training set goes on growing more certain: the test loss rises while the test error stays.', source: 'Guo et al. 2017, section 3',
  },
  {
    id: 'bias-variance', name: 'bias, variance, noise', recipe: 'bias-variance-identity', shows: 'their sum is the test error',
    statement: 'The expected squared error at an input is (f - E f_D)^2 + E (f_D - E f_D)^2 + sigma^2, over training sets D.', source: 'Geman, Bienenstock, Doursat 1992; Heskes 1998 for cross-entropy',
    said: 'When one goes down another must go up, and that is the limit of a model.', holds: 'The identity implies no trade: more data lower the variance at no bias, and the mean of N independent nets divides it by N. The limit is the noise alone.',
  },
  {
    id: 'variance-of-what', name: 'bias and variance as a target', recipe: 'bias-variance-target', shows: 'one dot per trained network',
    statement: 'Variance is the scatter of many trained networks at the same input; it needs a population of runs.', source: 'Geman, Bienenstock, Doursat 1992',
    said: 'Variance is how much the answer differs between similar inputs.', holds: 'That is smoothness. A very wiggly fixed function has no variance.',
  },
  {
    id: 'small-data', name: 'little data', recipe: 'small-data', shows: 'a crossover on digits, no law elsewhere',
    statement: 'Which method errs least with few rows depends on the data; on handwritten digits the linear model leads at 200 rows and the network at 1,400.', source: 'Domingos 2012; Grinsztajn, Oyallon, Varoquaux 2022',
    said: 'With little data classical methods win.', holds: 'A crossover that has to be measured on each set.',
  },
  {
    id: 'batches', name: 'SGD, mini-batch, batch', recipe: 'gradient-noise-law', shows: 'noise falls as 1/B and ends at N',
    statement: 'A mini-batch gradient is unbiased; without replacement its mean square noise is (tr Sigma / B)(N - B)/(N - 1).', source: 'Robbins, Monro 1951; Bottou, Curtis, Nocedal 2018',
    said: 'Training on single examples takes too long.', holds: 'Per example seen it is the most efficient; per second it is slow, since hardware idles and updates are serial.',
  },
  {
    id: 'batch-minima', name: 'batch size and minima', recipe: 'batch-sharpness', shows: 'sharper minima at equal training loss',
    statement: 'At a fixed learning rate and equal training loss, large batches lead to sharper minima and a slightly larger test error.', source: 'Keskar, Mudigere, Nocedal, Smelyanskiy, Tang 2017',
    said: 'Large batches arrive at sharp minima, so small batches are better.', holds: 'A tendency at a fixed budget: with the rate scaled, enough updates and tuning the difference closes (Goyal 2017, Hoffer 2017, Shallue 2019), and raw sharpness depends on the parametrisation (Dinh 2017).',
  },
  { id: 'flat-and-sharp', name: 'flat and sharp', recipe: 'batch-slice', shows: 'the loss on the line through both solutions', statement: 'On the line through a small-batch and a large-batch solution the loss rises much faster beyond the large-batch end.', source: 'Keskar et al. 2017, figure 3' },
  { id: 'edge-of-stability', name: 'stability of full-batch descent', recipe: 'edge-of-stability', shows: 'sharpness rises to 2 / lr', statement: 'Under full-batch gradient descent the largest Hessian eigenvalue rises to 2 / lr and stays there.', source: 'Cohen, Kaur, Li, Kolter, Talwalkar 2021' },
  { id: 'batch-scaling', name: 'what a batch size costs', recipe: 'batch-scaling', shows: 'a hyperbola near the noise scale', statement: 'With the rate tuned, steps and examples to a loss trade as S = S_min (1 + B_crit / B), and B_crit lies near the gradient noise scale.', source: 'McCandlish, Kaplan, Amodei et al. 2018' },
  {
    id: 'momentum', name: 'momentum, NAG', recipe: 'quadratic-race', shows: 'steps grow as the root of the condition',
    statement: 'On a quadratic of condition k gradient descent needs steps as k, heavy ball and Nesterov as the root of k. The look-ahead corrects an overshoot one step earlier.', source: 'Polyak 1964; Nesterov 1983; Sutskever et al. 2013',
  },
  {
    id: 'adagrad', name: 'Adagrad, RMSprop', recipe: 'adagrad-stall', shows: 'sqrt(T) against T',
    statement: 'Adagrad divides by the root of the sum of squared gradients, RMSprop by that of a moving average: under a constant gradient one travels as sqrt(T), the other as T.', source: 'Duchi, Hazan, Singer 2011; Tieleman, Hinton 2012',
    said: 'Adagrad adds up how far a weight has moved, until it stops.', holds: 'It adds up squared gradients, and it never stops: 2 lr sqrt(T) has no bound.',
  },
  { id: 'rare-features', name: 'rare features', recipe: 'sparse-features', shows: 'Adagrad and Adam learn rare contexts', statement: 'A rate of each weight\'s own lets features that occur rarely take larger steps.', source: 'Duchi, Hazan, Singer 2011', said: 'Every adaptive method helps there.', holds: 'RMSprop\'s memory of ten steps is shorter than the gap between two rare events.' },
  { id: 'adadelta', name: 'Adadelta', recipe: 'adadelta-first-step', shows: 'the first step does not know the gradient\'s scale', statement: 'Adadelta\'s step has the units of the weight: the first is g sqrt(eps) / sqrt((1 - rho) g^2 + eps), about .00447 whatever g.', source: 'Zeiler 2012', said: 'It needs no learning rate.', holds: 'True of the paper; libraries add one, and a default of .001 makes it look broken.' },
  { id: 'adadelta-memory', name: 'Adadelta\'s memory', recipe: 'adadelta-memory', shows: 'two numbers for each weight', statement: 'Adadelta keeps two exponential averages, whatever its window.', source: 'Zeiler 2012, section 3.1', said: 'It must hold the last t gradients.', holds: 'The paper names the window as an idea only and stores an average.' },
  { id: 'adam', name: 'Adam', recipe: 'adam-first-step', shows: 'bias correction makes the first step lr', statement: 'Adam is RMSprop with momentum, both corrected for their start at zero: without the correction the first step is 3.162 lr.', source: 'Kingma, Ba 2015' },
  { id: 'adam-eps', name: 'Adam\'s eps', recipe: 'adam-eps', shows: 'a large eps turns Adam into momentum', statement: 'As eps outgrows the root of the second moment, Adam\'s step tends to that of momentum at rate lr / eps.', source: 'Choi et al. 2019', said: 'eps only guards against division by zero.', holds: 'It is a knob between Adam and momentum; where it stands differs between libraries.' },
  { id: 'optimizers', name: 'all optimizers, tuned', recipe: 'optimizer-race', shows: 'much the same loss; SGD gets there later', statement: 'With its rate tuned every common optimizer reaches much the same training loss; the more general method is never worse.', source: 'Choi et al. 2019; Schmidt, Schneider, Hennig 2021' },
  { id: 'learning-rates', name: 'how wide a rate may be', recipe: 'lr-basin', shows: 'adaptive methods forgive more', statement: 'Adaptive methods train well over a wider range of learning rates than plain SGD.', source: 'Schaul, Antonoglou, Silver 2014' },
  { id: 'early-stopping', name: 'early stopping', recipe: 'early-stop-restore', shows: 'the best weights, bit for bit', statement: 'Stop at the best validation loss and take those weights. On a quadratic this is a norm penalty of about 1 / (lr t).', source: 'Prechelt 1998; Goodfellow, Bengio, Courville 2016, section 7.8', said: 'It costs nothing.', holds: 'A validation set that decides often is used up as well: count the looks.' },
  { id: 'norm-penalty', name: 'norm penalty', recipe: 'penalty-smoothness', shows: 'smaller weights, smaller input gradients', statement: 'Smaller weights bound how fast the output changes with the input.', source: 'Krogh, Hertz 1991', said: 'Small weights mean a smooth function.', holds: 'True as a bound for networks without normalization; behind batch norm the penalty acts through the effective rate (van Laarhoven 2017).' },
  { id: 'decoupled-decay', name: 'decoupled decay', recipe: 'adamw-decay', shows: 'the same fraction whatever the weight\'s size', statement: 'Decay beside the step shrinks each weight by lr times wd; a penalty inside Adam is scaled away where gradients are large.', source: 'Loshchilov, Hutter 2019' },
  { id: 'augmentation', name: 'augmentation', recipe: 'augment-preserving', shows: 'helps where labels stay, hurts where they do not', statement: 'Extend the data by changes that leave the label as it is, for this task.', source: 'Simard et al. 2003' },
  { id: 'input-noise', name: 'noise on inputs', recipe: 'noise-is-ridge', shows: 'for least squares it is a ridge penalty', statement: 'Small input noise of variance s^2 is the penalty (s^2 / 2) E |grad_x f|^2; for linear least squares exactly ridge with n s^2.', source: 'Bishop 1995', said: 'Why it works is open.', holds: 'For input noise it has been answered.' },
  { id: 'weight-noise', name: 'noise on weights, noisy labels', recipe: 'regularizer-table-noisy', shows: 'what hinders memorising helps', statement: 'Noise on weights pushes towards flat regions; with wrong labels whatever hinders memorising lowers the test error by much.', source: 'Graves 2011; Zhang et al. 2017' },
  { id: 'label-smoothing', name: 'label smoothing', recipe: 'label-smoothing-logit', shows: 'logits end log 91 apart', statement: 'Targets (1 - eps) onehot + eps / K bound the logit gap by log((1 - eps + eps/K) / (eps/K)).', source: 'Szegedy et al. 2016; Mueller et al. 2019' },
  { id: 'mixup-cutmix', name: 'mixup, CutMix', recipe: 'mixed-samples', shows: 'they help where images have locality', statement: 'Mixup trains on blends of two examples and of their labels, CutMix on a patch of one in the other.', source: 'Zhang et al. 2018; Yun et al. 2019', said: 'Both soften the decision boundary.', holds: 'A fair reading of mixup; CutMix drops regions without losing pixels. An MLP, which has no locality, is hurt by both.' },
  { id: 'cutmix-labels', name: 'CutMix\'s labels', recipe: 'cutmix-area', shows: 'the area after clipping', statement: 'The label\'s weight is the share of pixels really kept, after the box was cut off at the border.', source: 'Yun et al. 2019, algorithm A1' },
  { id: 'dropout', name: 'dropout', recipe: 'dropout-exact', shows: 'scaling is the geometric mean over all masks', statement: 'Activations are dropped at random while training; for softmax regression the pass without masks is the normalised geometric mean over all of them.', source: 'Srivastava et al. 2014; Baldi, Sadowski 2013', said: 'It sets weights to 0.', holds: 'That is DropConnect. Dropout drops units, per example.' },
  { id: 'dropout-ensemble', name: 'dropout as an ensemble', recipe: 'dropout-vs-ensemble', shows: 'weight scaling is close to fifty masks', statement: 'The pass without masks answers much like the mean of many masked ones; nets trained apart do better than one.', source: 'Srivastava et al. 2014, section 7.5; Gal, Ghahramani 2016', said: 'It is an ensemble of 2^n networks.', holds: 'They share weights, and most were never trained.' },
  { id: 'batch-norm', name: 'batch normalization', recipe: 'bn-shape', shows: 'standardised, not Gaussian', statement: 'Each feature is standardised over the batch, then scaled and shifted; running statistics take their place in evaluation.', source: 'Ioffe, Szegedy 2015', said: 'It makes every feature normally distributed.', holds: 'An affine map keeps the shape: a feature of two points stays one of two points.' },
  { id: 'batch-norm-speed', name: 'batch normalization\'s speed', recipe: 'bn-speed', shows: 'a deep sigmoid net learns at once', statement: 'With batch normalization a deep sigmoid network learns at once, where the plain one is stuck.', source: 'Ioffe, Szegedy 2015, section 4.1; Santurkar et al. 2018 for the reason' },
  { id: 'regularizers', name: 'regularizers side by side', recipe: 'regularizer-table', shows: 'error and loss, arm by arm', statement: 'A regularizer is any change meant to lower test error but not training error.', source: 'Goodfellow, Bengio, Courville 2016, section 5.2.2', said: 'Regularizers hinder training.', holds: 'Some do (dropout), some speed it up (batch norm).' },
  { id: 'test-set', name: 'looking at the test set', recipe: 'test-peeking', shows: 'the chosen error is too low', statement: 'The error that chose the best of many models is too low, the more so the fewer examples it was measured on.', source: 'Cawley, Talbot 2010; Dwork et al. 2015' },
  { id: 'wrong-labels', name: 'wrong labels', recipe: 'mislabel-finder', shows: 'early losses find them', statement: 'The mean loss of an example over the first epochs tells a wrong label from a right one.', source: 'Arazo et al. 2019; Pleiss et al. 2020' },
  { id: 'no-labels', name: 'errors without labels', recipe: 'disagreement', shows: 'twins differ about as often as they err', statement: 'Two networks trained on disjoint halves differ on unlabelled images about as often as they err.', source: 'Jiang, Nagarajan, Baek, Kolter 2022' },
  { id: 'branches', name: 'checkpoints and branches', recipe: 'branch', shows: 'a branch is the rest of the run, bit for bit', statement: 'A run that was put away goes on bit for bit where its weights, slots and place are kept and randomness is a function of seed and step.', source: 'Salmon, Moraes, Dror, Shaw 2011, for such randomness' },
];
