/** One run of every command that reads pictures or samples them, for inverters of any scale. */
import path from 'node:path';

export interface InverterCommand {
  readonly args: readonly string[];
  /** Files that it leaves. */
  readonly files?: readonly string[];
}

export interface CommandPlace {
  /** Folder of the inverter, and what its configuration calls it. */
  readonly model: string;
  readonly modelName: string;
  /** Classifier of the inverter, perhaps NAME=FILE. */
  readonly backbone: string;
  /** Side of the inverter's pictures. */
  readonly size: number;
  /** Two pictures, alone in their folder. */
  readonly pictures: readonly [string, string];
  /** A folder to write into. */
  readonly out: string;
}

const sampling = ({ model }: CommandPlace): string[] => ['--model', model, '--steps', '2'];

const folderOf = ({ pictures }: CommandPlace): string => path.dirname(pictures[0]);

/** By name, in an order in which later ones find what earlier ones leave. */
export const inverterCommands: Readonly<Record<string, (place: CommandPlace) => InverterCommand>> =
  {
    features: ({ pictures, backbone, size, out }) => {
      const file = path.join(out, 'maps.safetensors');
      const from = ['--backbone', backbone, '--size', `${size}`];
      return { args: ['features', pictures[0], ...from, '--out', file], files: [file] };
    },
    classify: ({ pictures, backbone }) => ({
      args: ['classify', pictures[0], '--backbone', backbone],
    }),
    reconstruct: (place) => {
      const out = path.join(place.out, 'reconstruct');
      const { name } = path.parse(place.pictures[0]);
      return {
        args: ['reconstruct', place.pictures[0], ...sampling(place), '--out', out],
        files: [path.join(out, `${name}.${place.modelName}.100.png`)],
      };
    },
    'reconstruct --features': (place) => {
      const maps = ['--features', path.join(place.out, 'maps.safetensors')];
      const out = path.join(place.out, 'of-maps');
      return {
        args: ['reconstruct', ...maps, ...sampling(place), '--out', out],
        files: [path.join(out, `maps.${place.modelName}.100.png`)],
      };
    },
    evaluate: (place) => {
      const few = ['--images', folderOf(place), '--batch', '1'];
      const out = path.join(place.out, 'evaluate');
      return { args: ['evaluate', ...few, ...sampling(place), '--out', out] };
    },
    mix: (place) => {
      const out = path.join(place.out, 'mix');
      return {
        args: ['mix', ...place.pictures, '--alpha', '0.5:0.5:1', ...sampling(place), '--out', out],
        files: [path.join(out, 'mix.html')],
      };
    },
    'concepts fit': (place) => {
      const few = ['--images', folderOf(place), '--method', 'kmeans', '--count', '3'];
      const from = ['--model', place.model, '--backbone', place.backbone];
      return {
        args: ['concepts', 'fit', ...few, ...from, '--out', path.join(place.out, 'concepts')],
      };
    },
    steer: (place) => {
      const concept = ['--concepts', path.join(place.out, 'concepts'), '--concept', '0'];
      const few = ['--scale', '0', '--seeds', '1', ...sampling(place)];
      const out = path.join(place.out, 'steer');
      return {
        args: ['steer', place.pictures[0], ...concept, ...few, '--out', out],
        files: [path.join(out, 'steer.html')],
      };
    },
    attack: (place) => {
      const out = path.join(place.out, 'attack');
      const { name } = path.parse(place.pictures[0]);
      return {
        args: [
          'attack',
          place.pictures[0],
          '--attack-steps',
          '2',
          ...sampling(place),
          '--out',
          out,
        ],
        files: [path.join(out, `${name}.attacked.png`), path.join(out, 'attack.html')],
      };
    },
    corrupt: ({ pictures, size, ...place }) => {
      const one = ['--kind', 'contrast', '--severity', '3', '--size', `${size}`];
      const out = path.join(place.out, 'corrupt');
      const { name } = path.parse(pictures[0]);
      return {
        args: ['corrupt', pictures[0], ...one, '--out', out],
        files: [path.join(out, `${name}.contrast.3.png`)],
      };
    },
  };
