import type { JobRequest } from '../../../src/server/api.js';
import { lookParamsOf, writeLook } from './look-params.js';
import { mixParamsOf, writeMix } from './mix-params.js';
import { steerParamsOf, writeSteer } from './steer-params.js';

/** The address that gives the job's result again; null for jobs without a page of their own. */
export function jobAddress(request: JobRequest): string | null {
  switch (request.kind) {
    case 'look':
      return `/look${writeLook(lookParamsOf(request))}`;
    case 'steer':
      return `/steer${writeSteer(steerParamsOf(request))}`;
    case 'mix':
      return `/mix${writeMix(mixParamsOf(request))}`;
    case 'concepts':
      return null;
  }
}
