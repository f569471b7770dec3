import type { Device } from './session.js';

/**
 * Why a device cannot be used and what to do, in a sentence, where the runtime's message says that it is
 * missing; undefined for other failures.
 */
export function missingDevice(device: Device, message: string): string | undefined {
  if (device === 'webgpu' && /adapter|backend not found|not supported/i.test(message)) {
    return (
      'there is no GPU for --device webgpu: no driver for Vulkan, Metal or Direct3D 12 offers one; ' +
      'install the GPU’s driver or use --device cpu (docs/gpu.md)'
    );
  }
  if (device === 'cuda' && /shared library|_Cuda|backend not found|not supported/i.test(message)) {
    return (
      'the libraries for --device cuda are not installed (they exist for Linux on x64): ' +
      'ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js fetches them; ' +
      'or use --device cpu (docs/gpu.md)'
    );
  }
  return undefined;
}
