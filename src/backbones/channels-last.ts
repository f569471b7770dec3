import { transpose, type Tensor } from '../graph/index.js';

/** [N, C, H, W] to [N, H, W, C]. */
export const channelsLast = (x: Tensor): Tensor => transpose(x, [0, 2, 3, 1]);

/** [N, H, W, C] to [N, C, H, W]. */
export const channelsFirst = (x: Tensor): Tensor => transpose(x, [0, 3, 1, 2]);
