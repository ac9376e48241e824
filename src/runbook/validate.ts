import type { Unit } from '../event/specs.ts';
import { type Fault, show, suggest } from '../kernel/diagnostic.ts';
import { toMs } from '../kernel/duration.ts';
import { nearest } from '../kernel/nearest.ts';
import { parsePercent } from '../kernel/percent.ts';
import {
  type Rule,
  duration,
  either,
  flag,
  known,
  like,
  list,
  number,
  object,
  oneOf,
  record,
  text,
  then,
  value,
  wrong,
} from '../kernel/shape.ts';
import { parseCondition } from './condition.ts';
import { toggleFaults } from './toggles.ts';
import type { Runbook, Signal } from './types.ts';
