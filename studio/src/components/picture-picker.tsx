import { type DragEvent, useEffect, useId, useRef, useState } from 'react';
import type { PictureInfo, StudioInfo } from '../../../src/server/api.js';
import { api, pictureUrl } from '../api/client.js';
import { pictureTitle } from '../state/format.js';
import { Notice } from './notice.js';

export interface PicturePickerProps {
  readonly label: string;
  readonly info: StudioInfo;
  /** Id of the picture that is chosen. */
  readonly picture: string;
  readonly onChoose: (picture: PictureInfo) => void;
  /** Whether a picture that is pasted anywhere on the page is for this picker. */
  readonly takesPaste: boolean;
  /** When people turn to this picker. */
  readonly onTurn?: () => void;
}

const ACCEPTED = 'image/jpeg,image/png,image/webp,image/gif,image/tiff,image/avif';
const KINDS = 'JPEG, PNG, WebP, GIF, TIFF or AVIF';

/** A picture from a file, by dropping, pasting or choosing it, or one of the samples. */
export function PicturePicker(props: PicturePickerProps) {
  const { label, info, picture, onChoose, takesPaste, onTurn } = props;
  const file = useRef<HTMLInputElement>(null);
  const labelId = useId();
  const [isOver, setOver] = useState(false);
  const [isAdding, setAdding] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const add = async (files: FileList | undefined): Promise<void> => {
    const chosen = files?.[0];
    if (!chosen) {
      setProblem('There was no file in what you dropped. Drop a picture file.');
      return;
    }
    setProblem(null);
    // By its name only: the server looks at the content.
    if (!ACCEPTED.split(',').includes(chosen.type)) {
      setProblem(`${chosen.name} is no picture: give one as ${KINDS}.`);
      return;
    }
    const { uploadBytes } = info.limits;
    if (chosen.size > uploadBytes) {
      const most = Math.floor(uploadBytes / 2 ** 20);
      setProblem(
        `${chosen.name} has ${Math.ceil(chosen.size / 2 ** 20)} MB. Give a file of at most ${most} MB.`,
      );
      return;
    }
    setAdding(true);
    try {
      onChoose(await api.addPicture(chosen));
    } catch (error) {
      setProblem(`${chosen.name}: ${(error as Error).message}`);
    } finally {
      setAdding(false);
    }
  };

  useEffect(() => {
    if (!takesPaste) return;
    const paste = (event: ClipboardEvent): void => {
      const files = event.clipboardData?.files;
      if (files && files.length > 0) void add(files);
    };
    window.addEventListener('paste', paste);
    return () => window.removeEventListener('paste', paste);
  });

  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void add(event.dataTransfer.files);
  };

  return (
    <div
      className={`picker ${isOver ? 'over' : ''}`}
      role="group"
      aria-labelledby={labelId}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      onPointerEnter={onTurn}
      onFocus={onTurn}
    >
      <h2 id={labelId}>{label}</h2>
      <div className="chosen">
        <Preview key={picture} picture={picture} info={info} onMissing={setProblem} />
        <div>
          <button type="button" onClick={() => file.current?.click()} disabled={isAdding}>
            {isAdding ? 'Adding …' : 'Choose a picture'}
          </button>
          <p className="quiet">or drop or paste one here</p>
        </div>
      </div>
      <input
        ref={file}
        type="file"
        accept={ACCEPTED}
        hidden
        aria-label={`${label}: picture file`}
        onChange={(event) => {
          void add(event.target.files ?? undefined);
          event.target.value = '';
        }}
      />
      {problem && <Notice kind="error">{problem}</Notice>}
      <ul className="samples" aria-label={`${label}: sample photographs`}>
        {info.samples.map((sample) => (
          <li key={sample.id}>
            <button
              type="button"
              aria-pressed={sample.id === picture}
              title={pictureTitle(sample.name)}
              onClick={() => {
                setProblem(null);
                onChoose(sample);
              }}
            >
              <img src={pictureUrl(sample.id, 128)} alt={pictureTitle(sample.name)} />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface PreviewProps {
  readonly picture: string;
  readonly info: StudioInfo;
  readonly onMissing: (problem: string) => void;
}

function Preview({ picture, info, onMissing }: PreviewProps) {
  const sample = info.samples.find(({ id }) => id === picture);
  const [isMissing, setMissing] = useState(false);
  if (isMissing) return <div className="frame empty">not here</div>;
  return (
    <img
      className="frame"
      src={pictureUrl(picture, 512)}
      alt={sample ? pictureTitle(sample.name) : 'The chosen picture'}
      onError={() => {
        setMissing(true);
        onMissing('This studio does not have the picture (any more). Choose its file again.');
      }}
    />
  );
}
