/** Measures what one digest costs in a process of its own, in production as everything here. */
import { loadConfig } from '../../src/config.ts';
import { openContext } from '../../src/context.ts';
import { addDays } from '../../src/domain/cadence.ts';
import { answerParent } from '../answering.ts';
import { firstDate } from '../stage.ts';
import { measureBytes } from './bytes.tsx';
import { measureChoice } from './choice.ts';

const bytesReaders = 200;
const choiceReaders = 500;

const ctx = await openContext(loadConfig(process.env));
answerParent(
  {
    bytes: () => measureBytes(ctx, firstDate, bytesReaders),
    choice: () => measureChoice(ctx, addDays(firstDate, 1), choiceReaders),
  },
  () => ctx.close(),
);
