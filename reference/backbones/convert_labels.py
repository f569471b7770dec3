"""Writes models/backbones/imagenet-labels.json from the npm package of TensorFlow.js' MobileNet."""

import json
import re
import sys
from pathlib import Path

from shared import BACKBONES

source = (Path(sys.argv[1]) / "dist" / "imagenet_classes.js").read_text()
found = re.findall(r"(\d+): *('(?:[^'\\]|\\.)*'|\"[^\"]*\")", source)
names = {int(index): text[1:-1].replace("\\'", "'").strip(" ,") for index, text in found}
assert sorted(names) == list(range(1000))
document = {
    "licence": "Apache-2.0",
    "source": "https://www.npmjs.com/package/@tensorflow-models/mobilenet/v/2.1.1",
    "labels": [names[index] for index in range(1000)],
}
(BACKBONES / "imagenet-labels.json").write_text(json.dumps(document, indent=0) + "\n")
