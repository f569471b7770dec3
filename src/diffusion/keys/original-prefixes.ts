/** Where the parts lie in an original checkpoint (LDM), and where a FeatInv ControlNet does. */
export const originalPrefixes = {
  unet: 'model.diffusion_model.',
  autoencoder: 'first_stage_model.',
  textEncoder: 'cond_stage_model.transformer.',
  controlNet: 'control_model.',
} as const;

/** Name of the averaged copy of a tensor of the UNet, whose name lacks its prefix. */
export function averagedName(name: string): string {
  return `model_ema.diffusion_model${name.replaceAll('.', '')}`;
}
