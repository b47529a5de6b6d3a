// The executable. As little as can be: it is compiled before anything can be taken from the compile cache.
import module from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';

// From Node 22 on, what V8 made of the program is kept for the next start. Not in the folder for temporary files, which
// is node's own choice: code that others could have put there would run as ours. One that cannot be written is none.
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
const cache = cacheFolder();
if (cache) enableCompileCache?.(join(cache, 'compiled'));
// Not awaited: both are built as CommonJS, which knows no await here (scripts/build.js).
void import('./cli.ts');
