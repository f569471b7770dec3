/**
 * Where photographs come from: Debian packages, and patterns of the files in them. Kinds: `train`
 * (photographs), `stamps` (cut-outs with alpha), `heldout` (never trained on), `ood` (paintings and
 * drawings, out of distribution). A file takes the first rule that matches; unmatched files are left out.
 */

/** Whole photographs of the training packages that are held out, so that evaluation has more kinds. */
const HELD_OUT =
  /(erase\/.*\/(red_panda|toucan|kingfisher|horse)|explore_world_animals\/.*\/(panda|scarlet_macaw)|categorization\/.*\/(baseball|windmill2|usCapitol)|explore_monuments\/.*\/(petra|chichenItza)|templates\/lighthouse[^/]*)\.(webp|jpg)$/;

/** Drawings among the cut-outs. */
const DRAWN =
  /\/(bee|echidna|hedgehog|button|tophat|sombrero|propeller_hat|blue_fedora|feathered_hat|green_fedora|pizza|highlighter|glass|tooth|fly|t_[a-z]+)\.png$/;

export const SOURCES = [
  {
    package: 'gcompris-qt-data',
    rules: [
      { kind: 'heldout', pattern: HELD_OUT },
      {
        kind: 'train',
        pattern:
          /\/(categorization|erase|explore_monuments|explore_world_animals|explore_farm_animals)\/.*\.webp$/,
        // Drawn tiles compress to far less than photographs.
        minimumBytes: 15000,
      },
      { kind: 'ood', pattern: /\/paintings\/.*\.webp$/, minimumBytes: 15000 },
    ],
  },
  {
    package: 'tuxpaint-data',
    rules: [
      { kind: 'heldout', pattern: HELD_OUT },
      { kind: 'train', pattern: /tuxpaint\/templates\/[^/]+\.jpg$/ },
    ],
  },
  { package: 'lomiri-wallpapers-16.04', rules: [{ kind: 'train', pattern: /backgrounds\/.*_by_.*\.jpg$/ }] },
  { package: 'mate-backgrounds', rules: [{ kind: 'train', pattern: /mate\/nature\/[^/]+\.jpg$/ }] },
  { package: 'palapeli-data', rules: [{ kind: 'train', pattern: /palapeli\/collection\/[^/]+\.jpg$/ }] },
  {
    package: 'plasma-workspace-wallpapers',
    rules: [
      {
        kind: 'train',
        pattern:
          /\/(BytheWater|ColdRipple|ColorfulCups|DarkestHour|EveningGlow|FallenLeaf|Grey|Kite|OneStandsOut|Path|summer_1am)\/contents\/images\/2560x1600\.jpg$/,
      },
    ],
  },
  {
    package: 'tuxpaint-stamps-default',
    rules: [
      { kind: 'drawn', pattern: DRAWN },
      { kind: 'stamps', pattern: /stamps\/(animals|food)\/.*\.png$/ },
    ],
  },
  {
    package: 'python3-skimage',
    rules: [
      { kind: 'heldout', pattern: /data\/(astronaut|chelsea|coffee|rocket|motorcycle_left)\.(png|jpg)$/ },
    ],
  },
  {
    package: 'opencv-doc',
    rules: [
      {
        kind: 'heldout',
        pattern:
          /examples\/data\/(aero1|aero3|aloeL|apple|baboon|board|building|butterfly|fruits|home|leuvenA|orange|squirrel_cls)\.jpg$/,
      },
    ],
  },
  {
    package: 'darknet',
    rules: [{ kind: 'heldout', pattern: /data\/(dog|eagle|giraffe|horses|kite|person)\.jpg$/ }],
  },
];
