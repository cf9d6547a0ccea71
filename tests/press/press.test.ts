import { afterEach, expect, test } from 'vitest';
import type { FragmentBytes } from '../../src/render/freeze.ts';
import type { KeyRing } from '../../src/domain/tokens.ts';
import { pack } from '../../src/domain/digest.ts';
import { openPress, type Press, type Supply } from '../../src/press/press.ts';
import { Permanent } from '../../src/queue/errors.ts';
import { assembleDigest, compileFragment } from '../../src/render/assemble.ts';
import { compile } from '../../src/render/compile.ts';
import { mailOf } from '../../src/pipeline/mailed-digest.ts';
import { createHash } from 'node:crypto';

const keys: KeyRing = [{ id: 'a1', secret: Buffer.alloc(32, 1) }];
