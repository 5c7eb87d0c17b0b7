/** Runs recipes and writes docs/verdicts.md: `npm run recipes -- [ids…] --data-dir DIR [--seeds 0,1] [--jobs N]`. */
import { recipeCommand } from '../apps/cli/src/commands/recipe.ts';

await recipeCommand().parseAsync(['run', ...process.argv.slice(2)], { from: 'user' });
