// Loaded into a `tap` before it begins (--import): once the file TAP_TEST_AHEAD is there, its clocks have gone on by two
// minutes, as those of a process that stood still for so long.
import { existsSync } from 'node:fs';

const ahead = () => (existsSync(process.env.TAP_TEST_AHEAD) ? 120_000 : 0);
const [steady, wall] = [performance.now.bind(performance), Date.now];
performance.now = () => steady() + ahead();
Date.now = () => wall() + ahead();
