"""Prompts that a tokenizer can get wrong."""

PROMPTS = [
    # FeatInv's own
    "",
    "a high-quality, detailed, and professional image",
    "a high-quality, detailed, and professional image, ",
    # whitespace
    " ",
    "  two  spaces\tand\ttabs  ",
    "line\nfeeds\r\nand\rreturns\n\n",
    "no\u00a0break, em\u2003space, ideographic\u3000space, ogham\u1680mark",
    "line\u2028separator and paragraph\u2029separator",
    "next\u0085line, form\u000cfeed, vertical\u000btab, unit\u001fseparator",
    "zero\u200bwidth\u200dspaces\ufeff and soft\u00adhyphen",
    # controls and what is no character
    "nul\u0000bell\u0007escape\u001b[31m",
    "private \ue000 use, unassigned \u0378, replacement \ufffd, noncharacter \uffff",
    "right-to-left \u202eoverride\u202c",
    # contractions
    "it's they're we've I'm she'll he'd don't",
    "IT'S THEY'RE WE'VE I'M SHE'LL HE'D DON'T",
    "rock'n'roll 'tis o'clock's'",
    "it\u2019s a typographic apostrophe\u2019s",
    "'s 's' ''s s's 'sail 'tree 'dog 'reef 'mars",
    "the long s: '\u017fail, congre\u017fs",
    # numbers
    "2024 was 365.25 days, 1,000,000 %",
    "1st 2nd 3rd 4x4 mp3 h264",
    "\u00bd \u00b2 \u2167 \u0663\u0664\u0665 \u096a\u096b \u2460 \U0001d7d8",
    "v1.2.3-rc.4+build.567",
    # punctuation
    "trailing comma,",
    "wait... what?! (really) [yes] {no} <maybe>",
    "a--b -- c \u2014 d\u2013e",
    "$100 & \u20ac50 @ 50\u00a2 #hashtag ^caret ~tilde `tick` \\back/slash|pipe",
    "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
    "snake_case_words and __dunder__",
    "https://example.org/path?query=value&x=%20#fragment",
    # the special tokens' own text
    "<|endoftext|>",
    "a<|startoftext|>b!<|endoftext|>?",
    "!<|ENDOFTEXT|> <|StartOfText|>x",
    "<|endoftext|",
    # letters
    "MiXeD CaSe WORDS",
    "\u0130stanbul I\u0131 STRA\u1e9eE stra\u00dfe \ufb01ne",
    "\u039f\u0394\u039f\u03a3 \u03a3\u03a3 \u03a3\u0391\u03a3.",
    "caf\u00e9 cafe\u0301 na\u00efve \u00c5ngstr\u00f6m A\u030angstro\u0308m",
    "Z\u0351\u036b\u0343a\u0321l\u0353g\u0332o\u0334 q\u0307\u0323 \u0345 a\u0345",
    "\u0440\u0443\u0441\u0441\u043a\u0438\u0439 \u0422\u0415\u041a\u0421\u0422, \u0639\u0631\u0628\u064a, \u05e2\u05d1\u05e8\u05d9\u05ea",
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22 \u1006\u1014\u103a\u1038",
    "Ti\u1ebfng Vi\u1ec7t T\u0069\u0065\u0302\u0301ng",
    "\U0001d4d0\U0001d4d1\U0001d4d2 \uff26\uff35\uff2c\uff2c \u24b6\u24d0",
    # CJK
    "\u4e00\u53ea\u732b\u5750\u5728\u57ab\u5b50\u4e0a\u3002",
    "cat\u732bdog\u72ac \u65e5\u672c\u8a9e\u3067\u3059 \ud55c\uad6d\uc5b4 \u1112\u1161\u11ab",
    "\uf900\u2f81a\U00020000x\U0002b820\U00030000 \u3400\u4dbf\u4dc0",
    # emoji
    "\U0001f600\U0001f680 \u2764\ufe0f \U0001f44d\U0001f3fd",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \U0001f3f4\U000e0067\U000e0062\U000e007f",
    "cat\U0001f408photo \u2605\u2606 \u266b",
    # length
    "a photo of a very detailed and intricate scene with many different objects " * 8,
    "antidisestablishmentarianism" * 12,
    "w" * 300,
    "\u00e9" * 120,
    "x," * 37 + "x",
    "x," * 37 + "x,",
    "x," * 38 + "x",
]
